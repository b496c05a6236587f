"""Drop a picture on the viewport: it becomes an element."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import bpy
from bpy.props import CollectionProperty, EnumProperty, StringProperty
from bpy.types import Context, Event, FileHandler, Operator, OperatorFileListElement

from ..addon.properties import SKIP_SAVE, with_properties
from ..addon.recipes import ELEMENT
from ..backend.grotto.contract import Action, ProblemError, bad_input
from .create import check_source
from .running.ending import CANCELLED, fail, finish

if TYPE_CHECKING:
    from bpy.stub_internal.rna_enums import OperatorReturnItems

CREATE, FIND, CHOOSE = "CREATE", "FIND", "CHOOSE"
CHOICES = [
    (CREATE, "Create now", "Use the settings of the sidebar"),
    (FIND, "Find elements", "List the elements of the picture in the sidebar"),
    (CHOOSE, "Choose only", "Set the picture in the sidebar"),
]


@with_properties(
    directory=StringProperty(subtype="DIR_PATH", options={"HIDDEN", "SKIP_SAVE"}),
    files=CollectionProperty(type=OperatorFileListElement, options={"HIDDEN", "SKIP_SAVE"}),
    then=EnumProperty(name="Then", items=CHOICES, options=SKIP_SAVE),
)
class GROTTO_OT_drop_picture(Operator):
    """Make a model from a picture of a painted figure"""

    bl_idname = "grotto.drop_picture"
    bl_label = "Grotto Element"
    bl_options = {"INTERNAL"}

    directory: str
    files: Any
    then: str

    def execute(self, context: Context) -> set[OperatorReturnItems]:
        shared: Any = context.scene.grotto
        try:
            sources = self._sources()
        except ProblemError as error:
            return fail(self, error.problem)
        shared.recipe, shared.element.source = ELEMENT.name.upper(), sources[0]
        if self.then == CHOOSE:
            return finish(self)
        results = set()
        for source in sources if self.then == CREATE else sources[:1]:
            operator: Any = bpy.ops.grotto.create_element if self.then == CREATE else bpy.ops.grotto.find_elements
            results |= operator("INVOKE_DEFAULT", source=source)
        return CANCELLED if "CANCELLED" in results else {"FINISHED"}

    def invoke(self, context: Context, event: Event) -> set[OperatorReturnItems]:
        return context.window_manager.invoke_props_dialog(self)

    def draw(self, context: Context) -> None:
        names = [item.name for item in self.files]
        self.layout.label(text=names[0] if len(names) == 1 else f"{len(names)} pictures", icon="IMAGE_DATA")
        self.layout.prop(self, "then", expand=True)

    def _sources(self) -> list[str]:
        """Return the dropped files. Raises ProblemError where one is not a picture."""
        folder = Path(bpy.path.abspath(self.directory))
        sources = [str(folder / item.name) for item in self.files]
        if not sources:
            raise bad_input("no picture was dropped", "drop a PNG, JPEG, TIFF, WebP or HEIF picture", Action.NONE)
        for source in sources:
            check_source(ELEMENT, source)
        return sources


class GROTTO_FH_element(FileHandler):
    """Take dropped pictures. Where several handlers take a file, Blender shows a menu of them."""

    bl_idname = "GROTTO_FH_element"
    bl_label = "Grotto Element"
    bl_import_operator = GROTTO_OT_drop_picture.bl_idname
    bl_file_extensions = ";".join(ELEMENT.source_suffixes)

    @classmethod
    def poll_drop(cls, context: Context) -> bool:
        area = context.area
        return area is not None and area.type == "VIEW_3D"


CLASSES: tuple[type[Any], ...] = (GROTTO_OT_drop_picture, GROTTO_FH_element)
