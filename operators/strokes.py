"""The artist's mask: paint strokes over the picture, and cut the element out again. Only what follows from them reruns."""

from __future__ import annotations

from collections.abc import Callable, Generator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import bpy
from bpy.props import StringProperty
from bpy.types import Context, Event, Object, Operator

from ..addon.backend import session
from ..addon.backend.client import Client, Job
from ..addon.importers.provenance import FOLDER, STROKES_OF
from ..addon.scene.options import absolute
from ..backend.grotto.contract import Action, Cancelled, ProblemError, bad_input
from .command import batch
from .ending import fail, finish, missing_packages_told, stop
from .following import Following
from .scene import chosen_result

if TYPE_CHECKING:
    from bpy.stub_internal.rna_enums import OperatorReturnItems

WHITE, BLACK = (1.0, 1.0, 1.0), (0.0, 0.0, 0.0)


class GROTTO_OT_paint_strokes(Following):
    """Open the picture with its mask to paint on: white on the element, black (with Ctrl) on what is not"""

    bl_idname = "grotto.paint_strokes"
    bl_label = "Paint Strokes"
    bl_options = {"UNDO"}

    def execute(self, context: Context) -> set[OperatorReturnItems]:
        try:
            with missing_packages_told():
                slices = self._slices_of(context)
                while True:
                    try:
                        next(slices)
                    except StopIteration as end:
                        return finish(self, f"Paint on {end.value.name}")
        except ProblemError as error:
            return fail(self, error.problem)

    def invoke(self, context: Context, event: Event) -> set[OperatorReturnItems]:
        try:
            with missing_packages_told():
                slices = self._slices_of(context)
        except ProblemError as error:
            return self._refuse(error.problem)
        return self.take_slices(context, slices)

    def _slices_of(self, context: Context) -> Generator[str, None, Any]:
        from ..addon.scene.strokes import canvas_slices

        root: Any = chosen_result(context)
        return canvas_slices(Path(root[FOLDER]), f"{root.name} Strokes")

    def _arrived(self, context: Context, arrival: Any) -> set[OperatorReturnItems]:
        self._end(context)
        show(context, arrival)
        take_white_brush(context)
        return finish(self, "White is the element; hold Ctrl to paint black where it is not")


def show(context: Context, image: Any) -> None:
    """The image in an image editor, ready to be painted on: one that is open, else half of the largest viewport."""
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
    overlay = next(name for name in ("show_texpaint", "show_uv") if hasattr(space.uv_editor, name))  # 5.2 has the second alone
    setattr(space.uv_editor, overlay, False)  # the mesh's own UVs would lie over the picture
    space.show_region_ui = True


def take_white_brush(context: Context) -> None:
    """White first, black with Ctrl; where the settings are differs between Blenders."""
    tools: Any = context.scene.tool_settings
    holders = [getattr(tools, "unified_paint_settings", None), getattr(tools.image_paint, "unified_paint_settings", None)]
    for holder in [*holders, tools.image_paint.brush]:
        if holder is not None and hasattr(holder, "secondary_color"):
            holder.color, holder.secondary_color = WHITE, BLACK


class GROTTO_OT_cut_again(Following):
    """Cut the element out with the painted strokes, and let its new body take the old one's place"""

    bl_idname = "grotto.cut_again"
    bl_label = "Cut Again"
    bl_options = {"UNDO"}

    strokes: StringProperty(  # type: ignore[valid-type]
        name="Strokes",
        description="Picture of strokes: white on the element, black on what is not, clear elsewhere. Empty takes what was "
        "painted",
        subtype="FILE_PATH",
        options={"SKIP_SAVE"},
    )

    _root_name = ""

    def execute(self, context: Context) -> set[OperatorReturnItems]:
        try:
            with missing_packages_told():
                submit = self._submission(context)
                with batch.interrupts() as interrupted, batch.connection() as client:
                    job = batch.do(client, submit, interrupted)
                slices = self._importing(context, Path(job.out))
                while True:
                    try:
                        next(slices)
                    except StopIteration as end:
                        return finish(self, self._told(end.value))
        except ProblemError as error:
            return fail(self, error.problem)
        except Cancelled:
            return stop(self)

    def invoke(self, context: Context, event: Event) -> set[OperatorReturnItems]:
        try:
            with missing_packages_told():
                submit = self._submission(context)
        except ProblemError as error:
            return self._refuse(error.problem)
        return self.follow(context, session.watch().ask(submit, start=True))

    def _submission(self, context: Context) -> Callable[[Client], Job]:
        from ..addon.scene.strokes import canvas_of, request_of, save_strokes, with_strokes

        root: Any = self._chosen(context)
        self._root_name, folder = root.name, Path(root[FOLDER])
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
        return lambda client: client.submit(request.recipe, request.input, options, str(folder))

    def _chosen(self, context: Context) -> Object:
        """The result whose canvas is shown in the image editor, else the chosen one."""
        shown: Any = getattr(context.space_data, "image", None)
        folder = shown.get(STROKES_OF) if shown is not None else None
        found = [item for item in context.scene.objects if folder and item.get(FOLDER) == folder]
        return found[0] if found else chosen_result(context)

    def _importing(self, context: Context, folder: Path) -> Generator[str, None, Any]:
        from ..addon.importers.replacing import replace_slices
        from ..addon.importers.result import import_slices

        root: Any = bpy.data.objects.get(self._root_name)
        if root is None or root.get(FOLDER) != str(folder):
            return import_slices(context, folder)  # the artist took the old one away meanwhile
        return replace_slices(context, root, folder)

    def _told(self, arrival: Any) -> str:
        return f"Cut {arrival.root.name} again"


CLASSES: tuple[type[Operator], ...] = (GROTTO_OT_paint_strokes, GROTTO_OT_cut_again)
