"""Correct an element's mask: paint strokes over the picture and cut it out again. Only stages that depend on it rerun."""

from __future__ import annotations

from collections.abc import Callable, Generator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import bpy
from bpy.props import StringProperty
from bpy.types import Context, Event, Object, Operator

from ..addon.backend import pending
from ..addon.backend.client import BackendClient, JobStatus
from ..addon.backend.pending import PendingImport
from ..addon.importers.provenance import FOLDER, STROKES_OF
from ..addon.properties import SKIP_SAVE, with_properties
from ..addon.scene.options import absolute
from ..backend.grotto.contract import Action, Cancelled, ProblemError, bad_input
from .running import blocking
from .running.ending import fail, finish, reporting_missing_packages, stop
from .running.importing import run_steps
from .running.imports import submit
from .running.modal import JobOperator
from .scene import chosen_result

if TYPE_CHECKING:
    from bpy.stub_internal.rna_enums import OperatorReturnItems

WHITE, BLACK = (1.0, 1.0, 1.0), (0.0, 0.0, 0.0)


class GROTTO_OT_paint_strokes(JobOperator):
    """Open the picture and its mask for painting: white on the element, black (with Ctrl) on the background"""

    bl_idname = "grotto.paint_strokes"
    bl_label = "Paint Strokes"
    bl_options = {"UNDO"}

    def execute(self, context: Context) -> set[OperatorReturnItems]:
        try:
            with reporting_missing_packages():
                canvas = run_steps(self._canvas_steps(context))
        except ProblemError as error:
            return fail(self, error.problem)
        return finish(self, f"Paint on {canvas.name}")

    def invoke(self, context: Context, event: Event) -> set[OperatorReturnItems]:
        try:
            with reporting_missing_packages():
                steps = self._canvas_steps(context)
        except ProblemError as error:
            return self.show_problem(error.problem)
        return self.import_in_steps(context, steps)

    def imported(self, context: Context, imported: Any) -> set[OperatorReturnItems]:
        self.end(context)
        show(context, imported)
        use_white_brush(context)
        return finish(self, "White is the element; hold Ctrl to paint black on the background")

    def _canvas_steps(self, context: Context) -> Generator[str, None, Any]:
        from ..addon.scene.strokes import canvas_steps

        root: Any = chosen_result(context)
        return canvas_steps(Path(root[FOLDER]), f"{root.name} Strokes")


def show(context: Context, image: Any) -> None:
    """Show the image for painting in an open image editor, or in half of the largest viewport."""
    areas = list(context.screen.areas)
    editor: Any = next((area for area in areas if area.type == "IMAGE_EDITOR"), None)
    if editor is None:
        view = max((area for area in areas if area.type == "VIEW_3D"), key=lambda area: area.width * area.height)
        with context.temp_override(area=view, region=view.regions[-1]):
            bpy.ops.screen.area_split(direction="VERTICAL", factor=0.5)
        editor = next(area for area in context.screen.areas if area not in areas)
        editor.type = "IMAGE_EDITOR"
    space = editor.spaces.active
    space.image = image
    space.ui_mode = "PAINT"
    overlay = next(name for name in ("show_texpaint", "show_uv") if hasattr(space.uv_editor, name))  # 5.2 has only the second
    setattr(space.uv_editor, overlay, False)  # the mesh's own UVs would cover the picture
    space.show_region_ui = True


def use_white_brush(context: Context) -> None:
    """Set the brush to white, and to black with Ctrl. The place of these settings differs between Blender versions."""
    tools: Any = context.scene.tool_settings
    holders = [getattr(tools, "unified_paint_settings", None), getattr(tools.image_paint, "unified_paint_settings", None)]
    for holder in [*holders, tools.image_paint.brush]:
        if holder is not None and hasattr(holder, "secondary_color"):
            holder.color, holder.secondary_color = WHITE, BLACK


def replacement(context: Context, root_name: str) -> PendingImport:
    """Return the import that takes the place of a result in the scene."""

    def steps(context: Context, folder: Path) -> Generator[str, None, Any]:
        from ..addon.importers.replacing import replace_steps
        from ..addon.importers.result import import_steps

        root: Any = bpy.data.objects.get(root_name)
        if root is None or root.get(FOLDER) != str(folder):
            return import_steps(context, folder)  # the old result was deleted meanwhile
        return replace_steps(context, root, folder)

    return PendingImport(
        steps,
        lambda _context, imported, _by_click: f"Cut {imported.root.name} again",
        file=pending.current_file(),
        scene=context.scene.name,
        asks_setting=False,
    )


@with_properties(
    strokes=StringProperty(
        name="Strokes",
        description="Picture of strokes: white on the element, black on the background, transparent elsewhere. If empty, "
        "the painted strokes",
        subtype="FILE_PATH",
        options=SKIP_SAVE,
    )
)
class GROTTO_OT_cut_again(JobOperator):
    """Cut the element out with the painted strokes, and replace its model"""

    bl_idname = "grotto.cut_again"
    bl_label = "Cut Again"
    bl_options = {"UNDO"}

    strokes: str

    def execute(self, context: Context) -> set[OperatorReturnItems]:
        try:
            with reporting_missing_packages():
                action, waiting = self._submitter(context)
                with blocking.interrupts() as interrupted, blocking.connected_client() as client:
                    job = blocking.run_job(client, action, interrupted)
                said = waiting.end(context, run_steps(waiting.steps(context, Path(job.out))), False)
        except ProblemError as error:
            return fail(self, error.problem)
        except Cancelled:
            return stop(self)
        return finish(self, said)

    def invoke(self, context: Context, event: Event) -> set[OperatorReturnItems]:
        try:
            with reporting_missing_packages():
                action, waiting = self._submitter(context)
        except ProblemError as error:
            return self.show_problem(error.problem)
        submit(action, waiting)
        return finish(self)

    def _submitter(self, context: Context) -> tuple[Callable[[BackendClient], JobStatus], PendingImport]:
        """Return the function that submits the job, and what comes into the scene afterwards."""
        from ..addon.scene.strokes import canvas_of, request_of, save_strokes, with_strokes

        root: Any = self._chosen(context)
        folder = Path(root[FOLDER])
        request = request_of(folder)
        if self.strokes.strip():
            path = Path(absolute(self.strokes))
            if not path.is_file():
                raise bad_input(f"there is no picture of strokes at {path}", "choose it again", Action.NONE)
        else:
            canvas = canvas_of(folder)
            if canvas is None:
                raise bad_input("no strokes are painted", "press Paint strokes first", Action.NONE)
            path = save_strokes(canvas, folder)
        options = with_strokes(request, path)
        return lambda client: client.submit(request.recipe, request.input, options, str(folder)), replacement(context, root.name)

    def _chosen(self, context: Context) -> Object:
        """Return the result whose canvas the image editor shows, else the chosen result."""
        shown: Any = getattr(context.space_data, "image", None)
        folder = shown.get(STROKES_OF) if shown is not None else None
        found = [item for item in context.scene.objects if folder and item.get(FOLDER) == folder]
        return found[0] if found else chosen_result(context)


CLASSES: tuple[type[Operator], ...] = (GROTTO_OT_paint_strokes, GROTTO_OT_cut_again)
