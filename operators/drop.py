"""A picture dropped on the viewport becomes an element."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import bpy
from bpy.props import CollectionProperty, EnumProperty, StringProperty
from bpy.types import Context, Event, FileHandler, Operator, OperatorFileListElement

from ..addon.recipes import ELEMENT
from ..backend.grotto.contract import Action, ProblemError, bad_input
from .create import check_source
from .ending import CANCELLED, fail, finish

if TYPE_CHECKING:
    from bpy.stub_internal.rna_enums import OperatorReturnItems

CREATE, FIND, CHOOSE = "CREATE", "FIND", "CHOOSE"
WAYS = [
    (CREATE, "Make it now", "With the sidebar's settings"),
    (FIND, "Find its elements", "And list them in the sidebar"),
    (CHOOSE, "Only choose it", "As the sidebar's picture"),
]


class GROTTO_OT_drop_picture(Operator):
    """Make a model of a picture of a painted figure"""

    bl_idname = "grotto.drop_picture"
    bl_label = "Grotto Element"
    bl_options = {"INTERNAL"}

    directory: StringProperty(subtype="DIR_PATH", options={"HIDDEN", "SKIP_SAVE"})  # type: ignore[valid-type]
    files: CollectionProperty(type=OperatorFileListElement, options={"HIDDEN", "SKIP_SAVE"})  # type: ignore[valid-type]
    then: EnumProperty(name="Then", items=WAYS, options={"SKIP_SAVE"})  # type: ignore[valid-type]

    def execute(self, context: Context) -> set[OperatorReturnItems]:
        shared: Any = context.scene.grotto
        try:
            sources = self._sources()
        except ProblemError as error:
            return fail(self, error.problem)
        shared.recipe, shared.element.source = ELEMENT.name.upper(), sources[0]
        if self.then == CHOOSE:
            return finish(self)
        ended = set()
        for source in sources if self.then == CREATE else sources[:1]:
            operator: Any = bpy.ops.grotto.create_element if self.then == CREATE else bpy.ops.grotto.find_elements
            ended |= operator("INVOKE_DEFAULT", source=source)
        return CANCELLED if "CANCELLED" in ended else {"FINISHED"}

    def invoke(self, context: Context, event: Event) -> set[OperatorReturnItems]:
        return context.window_manager.invoke_props_dialog(self)

    def draw(self, context: Context) -> None:
        names = [item.name for item in self.files]
        self.layout.label(text=names[0] if len(names) == 1 else f"{len(names)} pictures", icon="IMAGE_DATA")
        self.layout.prop(self, "then", expand=True)

    def _sources(self) -> list[str]:
        """The dropped files. Raises ProblemError where one is no picture."""
        folder = Path(bpy.path.abspath(self.directory))
        sources = [str(folder / item.name) for item in self.files]
        if not sources:
            raise bad_input("no picture was dropped", "drop a PNG, JPEG, TIFF, WebP or HEIF picture", Action.NONE)
        for source in sources:
            check_source(ELEMENT, source)
        return sources


class GROTTO_FH_element(FileHandler):
    """Offers itself beside Blender's own ways with a picture: with several, Blender asks which is meant."""

    bl_idname = "GROTTO_FH_element"
    bl_label = "Grotto Element"
    bl_import_operator = GROTTO_OT_drop_picture.bl_idname
    bl_file_extensions = ";".join(ELEMENT.source_suffixes)

    @classmethod
    def poll_drop(cls, context: Context) -> bool:
        area = context.area
        return area is not None and area.type == "VIEW_3D"


CLASSES: tuple[type[Any], ...] = (GROTTO_OT_drop_picture, GROTTO_FH_element)
