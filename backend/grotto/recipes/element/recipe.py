"""The recipe `element`: one picture of one painted figure becomes a light, textured model.

After 3DSynBrush (Peng et al. 2026): cut out, shape, texture. The relief route makes the shape from the outline alone, keeps the
painting exactly as painted, and needs no weights. The route from a sheet is the paper's, from its six views on: ZeroRF, mesh,
refinement, texture, with the rig's cameras as they are known instead of COLMAP's estimate of them. The route of a model hands
the cut-out to somebody else's image-to-3D model, in its own environment.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from ...contract import Result
from ...contract.recipes import ElementOptions
from ...models.registry import is_installed
from ...runner import AnyStage, Recipe, Run
from ..weights import Segmenter, resolve_segmenter
from .cut import CUT, CutElement, run_cut
from .parts import from_layers, plan_layers
from .relief import from_outline, plan_from_outline

if TYPE_CHECKING:
    from .on_wall import WallFiles

RIGS = ("zero123plus-v1.2", "zero123plus-v1.1")  # the newer one first


def element(source: Path, options: ElementOptions, run: Run) -> Result:
    """A picture in; a textured mesh out, made from its outline, from six views of it, or by another model."""
    wall = _requested_wall(options)
    route = "relief" if wall else route_of(options)
    segmenter = resolve_segmenter(options.cut.segmenter)
    if route == "sheet":
        from .from_views import from_sheet, plan_from_sheet  # routes that load much are imported where they are taken

        run.plan(*plan_from_sheet(options))
        return from_sheet(source, segmenter, options, run)
    chosen, options = options, with_installed_rig(options)
    run.plan(CUT, *_plan(route, wall, options))
    cut = run_cut(source, segmenter, options.cut, run)
    result = _shaped(route, source, cut, wall, segmenter, options, run)
    return replace(
        result,
        models=(*segmenter.models_of(cut.way), *result.models),
        notes=(*result.notes, *_notes(route, wall, chosen, options)),
    )


def _requested_wall(options: ElementOptions) -> WallFiles | None:
    if not options.on_wall.wall and not options.on_wall.wall_box:
        return None
    from .on_wall import requested_wall

    return requested_wall(options)


def route_of(options: ElementOptions) -> str:
    """The route of the options; auto is views where the weights of a rig are installed, else relief."""
    if options.route != "auto":
        return options.route
    return "views" if is_installed(with_installed_rig(options).sheet.rig) else "relief"


def with_installed_rig(options: ElementOptions) -> ElementOptions:
    """The options with a rig that is installed, where the route is auto and that of the options is not."""
    if options.route != "auto" or is_installed(options.sheet.rig):
        return options
    others = [rig for rig in RIGS if is_installed(rig)]
    return replace(options, sheet=replace(options.sheet, rig=others[0])) if others else options


def _plan(route: str, wall: WallFiles | None, options: ElementOptions) -> tuple[AnyStage, ...]:
    """The stages after the cut. Raises where the route has no model to go by."""
    if route == "model":
        from .from_model import plan_from_model

        return plan_from_model(options)
    if route == "views":
        from .from_views import plan_from_picture

        return plan_from_picture(options)
    if wall:
        from .on_wall import plan_on_wall

        return plan_on_wall(options)
    return plan_layers() if options.relief.shape == "layers" else plan_from_outline(options)


def _shaped(
    route: str,
    source: Path,
    cut: CutElement,
    wall: WallFiles | None,
    segmenter: Segmenter,
    options: ElementOptions,
    run: Run,
) -> Result:
    if route == "model":
        from .from_model import from_model

        return from_model(source, cut, options, run)
    if route == "views":
        from .from_views import from_picture

        return from_picture(source, cut, segmenter, options, run)
    if wall:
        from .on_wall import lay_on_wall

        return lay_on_wall(source, cut, wall, options, run)
    return (from_layers if options.relief.shape == "layers" else from_outline)(source, cut, options, run)


def _notes(route: str, wall: WallFiles | None, chosen: ElementOptions, used: ElementOptions) -> tuple[str, ...]:
    """Notes on what the options request and the job did not do; `chosen` and `used` differ in the rig at most."""
    notes = []
    rig = chosen.sheet.rig
    if route == "views" and used.sheet.rig != rig:
        notes.append(f"{rig} is not installed: the views are those of {used.sheet.rig}, which is")
    if chosen.route == "auto" and route == "relief" and not wall:
        notes.append(f"{rig} is not installed (grotto models show {rig}): the body is a relief, made from the outline")
    if chosen.bake.highlights and route != "views":
        notes.append("Highlights need several views of the element: the option highlights works with the routes views and sheet")
    return tuple(notes)


RECIPE = Recipe("element", ElementOptions, element)
