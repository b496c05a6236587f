"""Show one part of a result: mesh, level of detail, splats or points. They overlap, so one is shown at a time."""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, Any

from bpy.props import StringProperty
from bpy.types import Context, Event, Object, Operator

from ..addon.properties import SKIP_SAVE, with_properties
from ..backend.grotto.contract import Action, ProblemError, bad_input
from .running.ending import fail, finish, reporting_missing_packages
from .running.modal import JobOperator
from .scene import chosen_result

if TYPE_CHECKING:
    from bpy.stub_internal.rna_enums import OperatorReturnItems

CYCLES_LAYERS = 64  # transparent surfaces along a ray: splats behind one another


def show_part_steps(context: Context, root: Object, path: str) -> Generator[str, None, Any]:
    """Import a part if the scene lacks it, then show it alone and make it active. Raises ProblemError."""
    from ..addon.importers.parts import objects_of, show_only
    from ..addon.importers.result import import_part_steps

    if not objects_of(root, path):
        yield from import_part_steps(context, root, path)
    for item in context.view_layer.objects:
        if context.mode == "OBJECT" and item.select_get():
            item.select_set(False)  # before it is hidden: exporters write hidden objects that are selected
    show_only(root, path)
    if context.mode == "OBJECT":
        shown: list[Any] = objects_of(root, path)
        for item in shown:
            # Blender outlines every single splat and point of a selected object: those are made active only.
            item.select_set(item.type == "MESH" and bool(item.data.polygons))
            context.view_layer.objects.active = item


@with_properties(path=StringProperty(name="Part", description="Path of the file in the job folder", options=SKIP_SAVE))
class GROTTO_OT_show_part(JobOperator):
    """Show this part of the result and hide the others. It is imported first if the scene lacks it"""

    bl_idname = "grotto.show_part"
    bl_label = "Show Part"
    bl_options = {"UNDO"}

    path: str

    def execute(self, context: Context) -> set[OperatorReturnItems]:
        try:
            with reporting_missing_packages():
                for _ in show_part_steps(context, chosen_result(context), self.path):
                    pass
        except ProblemError as error:
            return fail(self, error.problem)
        return finish(self)

    def invoke(self, context: Context, event: Event) -> set[OperatorReturnItems]:
        try:
            root = chosen_result(context)
        except ProblemError as error:
            return self.show_problem(error.problem)
        return self.import_in_steps(context, show_part_steps(context, root, str(self.path)))

    def import_message(self, imported: Any) -> str:
        return ""


class GROTTO_OT_see_through_splats(Operator):
    """Raise the number of transparent surfaces that Cycles renders: with its default, splats behind others are black"""

    bl_idname = "grotto.see_through_splats"
    bl_label = "Render More Splats"
    bl_options = {"UNDO"}

    def execute(self, context: Context) -> set[OperatorReturnItems]:
        settings: Any = getattr(context.scene, "cycles", None)
        if settings is None:
            return fail(self, bad_input("this Blender has no Cycles", "enable it in the preferences", Action.NONE).problem)
        settings.transparent_max_bounces = max(settings.transparent_max_bounces, CYCLES_LAYERS)
        return finish(self, f"Cycles renders {settings.transparent_max_bounces} transparent surfaces")


CLASSES: tuple[type[Operator], ...] = (GROTTO_OT_show_part, GROTTO_OT_see_through_splats)
