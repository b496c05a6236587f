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
from ...runner import Recipe, Run
from ..weights import resolve_segmenter
from .cut import CUT, run_cut
from .routes import plan_of, shaped, wall_of

if TYPE_CHECKING:
    from .on_wall import WallFiles

RIGS = ("zero123plus-v1.2", "zero123plus-v1.1")  # the newer one first


def element(source: Path, options: ElementOptions, run: Run) -> Result:
    """A picture in; a textured mesh out, made from its outline, from six views of it, or by another model."""
    wall = wall_of(options)
    route = "relief" if wall else route_of(options)
    segmenter = resolve_segmenter(options.cut.segmenter)
    if route == "sheet":
        from .from_views import from_sheet, plan_from_sheet  # here, as in `routes`: it loads torch

        run.plan(*plan_from_sheet(options))
        return from_sheet(source, segmenter, options, run)
    chosen, options = options, with_installed_rig(options)
    run.plan(CUT, *plan_of(route, wall, options))
    cut = run_cut(source, segmenter, options.cut, run)
    result = shaped(route, source, cut, wall, segmenter, options, run)
    return replace(
        result,
        models=(*segmenter.models_of(cut.way), *result.models),
        notes=(*result.notes, *_notes(route, wall, chosen, options)),
    )


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
