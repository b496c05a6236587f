"""The parts of a result: mesh, levels of detail, splats, points. One is shown at a time, as they lie on one another."""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, Any

from bpy.props import StringProperty
from bpy.types import Context, Event, Object, Operator

from ..addon.scene.results import chosen_root
from ..backend.grotto.contract import Action, ProblemError, bad_input
from .ending import fail, finish, missing_packages_told
from .following import Following

if TYPE_CHECKING:
    from bpy.stub_internal.rna_enums import OperatorReturnItems

CYCLES_LAYERS = 64  # transparent surfaces on a ray: splats seen one behind another


def shown_slices(context: Context, root: Object, path: str) -> Generator[str, None, Any]:
    """Import a part where it is not in the scene yet, then show it alone; it is active. Raises ProblemError."""
    from ..addon.importers.parts import objects_of, show_only
    from ..addon.importers.result import import_part_slices

    if not objects_of(root, path):
        yield from import_part_slices(context, root, path)
    for item in context.view_layer.objects:
        if context.mode == "OBJECT" and item.select_get():
            item.select_set(False)  # before it is hidden: what is hidden and selected is written by exporters
    show_only(root, path)
    if context.mode == "OBJECT":
        shown: list[Any] = objects_of(root, path)
        for item in shown:
            # The outline of selection is drawn round every single splat and point: those are active, no more.
            item.select_set(item.type == "MESH" and bool(item.data.polygons))
            context.view_layer.objects.active = item


class GROTTO_OT_show_part(Following):
    """Show this part of the result and hide the others; it is imported first where it is not in the scene yet"""

    bl_idname = "grotto.show_part"
    bl_label = "Show Part"
    bl_options = {"UNDO"}

    path: StringProperty(  # type: ignore[valid-type]
        name="Part", description="Path of the asset in the job's folder", options={"SKIP_SAVE"}
    )

    def execute(self, context: Context) -> set[OperatorReturnItems]:
        try:
            with missing_packages_told():
                for _ in shown_slices(context, self._root(context), self.path):
                    pass
        except ProblemError as error:
            return fail(self, error.problem)
        return finish(self)

    def invoke(self, context: Context, event: Event) -> set[OperatorReturnItems]:
        try:
            root = self._root(context)
        except ProblemError as error:
            return self._refuse(error.problem)
        return self.take_slices(context, shown_slices(context, root, str(self.path)))

    def _told(self, arrival: Any) -> str:
        return ""

    def _root(self, context: Context) -> Object:
        root = chosen_root(context)
        if root is None:
            raise bad_input("the scene holds no result of Grotto", "import one first", Action.NONE)
        return root


class GROTTO_OT_see_through_splats(Operator):
    """Let Cycles look through more splats: with its usual few, what lies behind many is black"""

    bl_idname = "grotto.see_through_splats"
    bl_label = "Look Through More Splats"
    bl_options = {"UNDO"}

    def execute(self, context: Context) -> set[OperatorReturnItems]:
        settings: Any = getattr(context.scene, "cycles", None)
        if settings is None:
            return fail(self, bad_input("this Blender has no Cycles", "switch it on in the preferences", Action.NONE).problem)
        settings.transparent_max_bounces = max(settings.transparent_max_bounces, CYCLES_LAYERS)
        return finish(self, f"Cycles looks through {settings.transparent_max_bounces} transparent surfaces")


CLASSES: tuple[type[Operator], ...] = (GROTTO_OT_show_part, GROTTO_OT_see_through_splats)
