"""The routes `views` and `sheet` of an element: six views, a field, an orbit, a mesh, and the picture laid on last (paper 000).

The paper's chain from its six views on: ZeroRF, 100 frames, a mesh that is refined, its texture; with the rig's cameras as they
are known instead of COLMAP's estimate of them, which is there for comparison.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ....contract import Asset, Result
from ....contract.recipes import ElementOptions
from ....runner import Run, Stage
from ....views import ViewSet
from ...stages import ASSET, FIELD, REFINE, SCORES, SURFACE, ScanAsset, Scores
from ..cut import CutElement
from .front import StandingElement, forecast_stand, stand_element
from .generate import forecast_generate, generate_views
from .orbit import Orbit, forecast_orbit, make_orbit
from .sheet import forecast_sheet, make_sheet_views
from .via_sfm import SfmCameras, estimate_orbit_cameras, forecast_sfm

SHEET = Stage("sheet", "Cutting the sheet", make_sheet_views, ViewSet, 1, 1, forecast_sheet)
GENERATE = Stage("generate", "Drawing six views", generate_views, ViewSet, 1, 60, forecast_generate)
ORBIT = Stage("orbit", "Turning it round", make_orbit, Orbit, 1, 15, forecast_orbit)
SFM = Stage("sfm", "Estimating cameras for comparison", estimate_orbit_cameras, SfmCameras, 1, 60, forecast_sfm)
STAND = Stage("stand", "Standing it up", stand_element, StandingElement, 1, 8, forecast_stand)
OF_VIEWS = (FIELD, ORBIT, SFM, SURFACE, REFINE, ASSET, SCORES, STAND)


def from_views(source: Path, views: ViewSet, cut: CutElement | None, options: ElementOptions, run: Run) -> Result:
    """Six views with their rig's cameras in; the model's frame is the element's. `cut` is the picture, where there is one."""
    route = "sheet" if cut is None else "views"
    budget, around, extras = options.budget, options.orbit, options.from_views
    field = run(FIELD, views, options=options.radiance)
    orbit = sfm = None
    if around.orbit_frames:
        orbit = run(ORBIT, views, field, options=around)
        sfm = run(SFM, orbit) if extras.via_sfm else None
    run.leave_out(*(() if orbit else (ORBIT,)), *(() if sfm else (SFM,)))
    surface = run(SURFACE, views, field, None, budget.faces, options=options.surface)
    refined = run(REFINE, views, surface, budget.faces, options=options.refine)
    told = {"recipe": "element", "source": source.name, "route": route, "rig": options.sheet.rig, "field": field.kind}
    asset = run(ASSET, views, refined, told, budget.lods, options=options.bake)
    scores = run(SCORES, views, field, None, asset)
    picture = cut if extras.front_picture else None
    standing = run(STAND, views, picture, asset, options.relief.height_m, told, options=options.paint)
    return Result(
        recipe="element", assets=_assets(run, views, asset, scores, standing, (orbit, sfm)),
        engines={"field": f"{field.kind}: {field.engine}", "surface": f"{refined.extractor} of the field"},
        facts={"route": route, **view_facts(views, asset, scores, standing, options), **_orbit_facts(orbit, sfm)},
    )  # fmt: skip


def view_facts(
    views: ViewSet, asset: ScanAsset, scores: Scores, standing: StandingElement, options: ElementOptions
) -> dict[str, Any]:
    """What a job from six views found, in the words of the result manifest."""
    facts = {
        "rig": options.sheet.rig,
        "fitted_views": views.count,
        "faces": asset.faces,
        "vertices": asset.vertices,
        "components": asset.components,
        "watertight": asset.watertight,
        "seen_fraction": round(asset.seen_fraction, 4),
        "height_m": standing.height_m,
        "roughness": 1.0,  # constant: six views do not tell it
        "input_view_psnr_db": {name: round(value, 2) for name, value in scores.input_psnr_db.items()},
    }
    if not standing.has_picture:
        return facts
    return {
        **facts,
        "picture_on_front": standing.laid_on,
        "picture_outline_iou": round(standing.outline_iou, 4),
        "picture_elevation_deg": standing.elevation_deg,
        "picture_shown_fraction": round(standing.shown_fraction, 4),
    }


def _orbit_facts(orbit: Orbit | None, sfm: SfmCameras | None) -> dict[str, Any]:
    if orbit is None:
        return {}
    facts: dict[str, Any] = {"orbit_frames": orbit.frames}
    if sfm is not None:
        facts["sfm_registered"] = sfm.registered
        facts["sfm_position_error"] = round(sfm.position_error, 5)
        facts["sfm_rotation_error_deg"] = round(sfm.rotation_error_deg, 3)
    return facts


def _assets(
    run: Run, views: ViewSet, asset: ScanAsset, scores: Scores, standing: StandingElement,
    around: tuple[Orbit | None, SfmCameras | None],
) -> tuple[Asset, ...]:  # fmt: skip
    def made(kind: str, path: Path, role: str = "", frame: str = "element", units: str = "m") -> Asset:
        return Asset(kind=kind, path=run.relative(path), frame=frame, units=units, role=role)

    orbit, sfm = around
    found = [
        made("mesh", standing.folder / standing.file),
        *(made("mesh", standing.folder / file, f"lod{number}") for number, file in enumerate(standing.lods, start=1)),
        *((made("mesh", standing.folder / standing.collider, "collider"),) if standing.collider else ()),
        made("texture", asset.folder / asset.seen, "seen"),
        made("cameras", standing.folder / standing.cameras),
        made("photos", views.folder / views.photos),
        made("preview", scores.folder / scores.preview),
    ]
    if orbit is not None:
        found.append(made("video", orbit.folder / orbit.video, "orbit"))
        found.append(made("views", orbit.folder / orbit.cameras, "orbit", "rig", "arbitrary"))
    if sfm is not None:
        found.append(made("dataset", sfm.folder / sfm.dataset, "llff", "colmap", "arbitrary"))
    return tuple(found)
