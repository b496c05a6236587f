"""The recipe `element`: one picture of one painted figure becomes a light, textured model.

After 3DSynBrush (paper 000): cut out, shape, texture. The relief route makes the shape from the outline alone, keeps the
painting exactly as painted, and needs no weights. The route from a sheet is the paper's, from its six views on: ZeroRF, mesh,
refinement, texture, with the rig's cameras as they are known instead of COLMAP's estimate of them. The route of a model hands
the cut-out to somebody else's image-to-3D model, in its own environment.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from ...contract import Result
from ...contract.recipes import ElementOptions
from ...models.registry import is_installed
from ...runner import AnyStage, Recipe, Run
from ..stages import resolve_segmenter
from .cut import CUT, CutElement, run_cut
from .from_model import from_model, plan_from_model
from .from_views import from_picture, from_sheet, plan_from_picture, plan_from_sheet
from .on_wall import WallFiles, lay_on_wall, plan_on_wall, requested_wall
from .parts import from_layers, plan_layers
from .relief import from_outline, plan_from_outline


def element(source: Path, options: ElementOptions, run: Run) -> Result:
    """A picture in; a textured mesh out, made from its outline, from six views of it, or by another model."""
    wall = requested_wall(options)
    route = "relief" if wall else route_of(options)
    if route == "sheet":
        run.plan(*plan_from_sheet(options))
        return from_sheet(source, options, run)
    segmenter = resolve_segmenter(options.cut.segmenter)
    run.plan(CUT, *_plan(route, wall, options))
    cut = run_cut(source, segmenter, options.cut, run)
    result = _shaped(route, source, cut, wall, options, run)
    return replace(
        result,
        models=(*segmenter.models_of(cut.way), *result.models),
        notes=(*result.notes, *_notes(route, wall, options)),
    )


def route_of(options: ElementOptions) -> str:
    """The route of the options; auto is views where the model's weights are installed, else relief."""
    if options.route != "auto":
        return options.route
    return "views" if is_installed(options.sheet.rig) else "relief"


def _plan(route: str, wall: WallFiles | None, options: ElementOptions) -> tuple[AnyStage, ...]:
    """The stages after the cut. Raises where the route has no model to go by."""
    if route == "model":
        return plan_from_model(options)
    if route == "views":
        return plan_from_picture(options)
    if wall:
        return plan_on_wall(options)
    return plan_layers() if options.relief.shape == "layers" else plan_from_outline(options)


def _shaped(route: str, source: Path, cut: CutElement, wall: WallFiles | None, options: ElementOptions, run: Run) -> Result:
    if route == "model":
        return from_model(source, cut, options, run)
    if route == "views":
        return from_picture(source, cut, options, run)
    if wall:
        return lay_on_wall(source, cut, wall, options, run)
    return (from_layers if options.relief.shape == "layers" else from_outline)(source, cut, options, run)


def _notes(route: str, wall: WallFiles | None, options: ElementOptions) -> tuple[str, ...]:
    if options.route != "auto" or route != "relief" or wall:
        return ()
    rig = options.sheet.rig
    return (f"{rig} is not installed (grotto models show {rig}): the body is a relief, made from the outline",)


RECIPE = Recipe("element", ElementOptions, element)
