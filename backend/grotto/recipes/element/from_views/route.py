"""The routes `views` and `sheet` of an element: six views, a field, an orbit, a mesh, and the picture laid on last (3DSynBrush).

The paper's chain from its six views on: ZeroRF, 100 frames, a mesh that is refined, its texture; with the rig's cameras as they
are known instead of COLMAP's estimate of them, which is there for comparison.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from ....contract import Result
from ....contract.recipes import ElementOptions
from ....models.registry import find, is_installed
from ....runner import AnyStage, Run, Stage
from ....views import ViewSet
from ...stages import ASSET, FIELD, REFINE, SCORES, SURFACE
from ...weights import Segmenter, models_used
from ..cut import CutElement
from .front import forecast_stand, stand_element
from .generate import forecast_generate, generate_views, gpu_of_generate
from .orbit import forecast_orbit, make_orbit
from .result import orbit_facts, view_assets, view_facts
from .sheet import forecast_sheet, has_alpha, make_sheet_views
from .tiles import outliner_of
from .via_sfm import estimate_orbit_cameras, forecast_sfm

NORMALS = {"zero123plus-v1.2": "zero123plus-normals-v1.2"}  # the normal generator of a rig, which cuts out its views

SHEET = Stage("sheet", "Cutting the sheet", make_sheet_views, version=2, share=1, forecast=forecast_sheet)
GENERATE = Stage(
    "generate", "Drawing six views", generate_views, version=2, share=60, forecast=forecast_generate, gpu=gpu_of_generate
)
ORBIT = Stage("orbit", "Turning it round", make_orbit, version=1, share=15, forecast=forecast_orbit)
SFM = Stage("sfm", "Estimating cameras for comparison", estimate_orbit_cameras, version=1, share=60, forecast=forecast_sfm)
STAND = Stage("stand", "Standing it up", stand_element, version=1, share=8, forecast=forecast_stand)


def _plan_of_views(options: ElementOptions) -> tuple[AnyStage, ...]:
    """The stages after the six views, in order."""
    orbit = (ORBIT,) if options.orbit.orbit_frames else ()
    sfm = (SFM,) if options.orbit.orbit_frames and options.from_views.via_sfm else ()
    return (FIELD, *orbit, *sfm, SURFACE, REFINE, ASSET, SCORES, STAND)


def plan_from_sheet(options: ElementOptions) -> tuple[AnyStage, ...]:
    """All stages of a finished sheet, in order."""
    return (SHEET, *_plan_of_views(options))


def plan_from_picture(options: ElementOptions) -> tuple[AnyStage, ...]:
    """The stages after the cut, in order. Raises missing resource where the model's weights are not installed."""
    find(options.sheet.rig)
    return (GENERATE, *_plan_of_views(options))


def from_sheet(source: Path, segmenter: Segmenter, options: ElementOptions, run: Run) -> Result:
    """Make the element from a finished sheet of six views."""
    views = run(SHEET, source, outliner_of(segmenter), options.sheet)
    result = _from_views(source, views, None, options, run)
    outlined = outliner_of(segmenter) is not None and not has_alpha(source)
    return replace(result, models=(*result.models, *segmenter.models)) if outlined else result


def from_picture(source: Path, cut: CutElement, segmenter: Segmenter, options: ElementOptions, run: Run) -> Result:
    """Make the element from six views that a model generates of the cut-out."""
    weights = find(options.sheet.rig)
    generator = NORMALS.get(options.sheet.rig)
    normals = find(generator) if generator is not None and is_installed(generator) else None
    outliner = None if normals else outliner_of(segmenter)
    views = run(GENERATE, cut, weights.folder, normals.folder if normals else None, outliner, options.sheet)
    result = _from_views(source, views, cut, options, run)
    facts = {**result.facts, "cut_out_by": cut.way, **cut.several()}
    cutter = models_used(normals) if normals else segmenter.models if outliner else ()
    return replace(result, models=(*models_used(weights), *cutter), facts=facts)


def _from_views(source: Path, views: ViewSet, cut: CutElement | None, options: ElementOptions, run: Run) -> Result:
    """Fit a field, extract and refine its surface, bake its texture, and stand it up; `cut` is the picture, if there is one."""
    route = "sheet" if cut is None else "views"
    field = run(FIELD, views, options.radiance)
    orbit = run(ORBIT, views, field, options.orbit) if options.orbit.orbit_frames else None
    sfm = run(SFM, orbit) if orbit is not None and options.from_views.via_sfm else None
    surface = run(SURFACE, views, field, None, options.budget.faces, options.surface)
    refined = run(REFINE, views, surface, options.budget.faces, options.refine)
    provenance = {"recipe": "element", "source": source.name, "route": route, "rig": options.sheet.rig, "field": field.kind}
    asset = run(ASSET, views, refined, provenance, options.budget.lods, options.bake)
    scores = run(SCORES, views, None, field, None, asset, None)
    picture = cut if options.from_views.front_picture else None
    standing = run(STAND, views, picture, asset, options.relief.height_m, provenance, options.paint)
    return Result(
        recipe="element",
        assets=view_assets(run, views, asset, scores, standing, orbit, sfm),
        engines={"field": f"{field.kind}: {field.engine}", "surface": f"{refined.extractor} of the field"},
        facts={"route": route, **view_facts(views, asset, scores, standing, options), **orbit_facts(orbit, sfm)},
    )
