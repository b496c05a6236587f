"""Facts and files of an element made from six views."""

from __future__ import annotations

from typing import Any

from ....contract import Asset
from ....contract.recipes import ElementOptions
from ....runner import Run
from ....views import ViewSet
from ...assets import AssetList
from ...stages import ScanAsset, Scores
from .front import StandingElement
from .orbit import Orbit
from .via_sfm import SfmCameras


def view_facts(
    views: ViewSet, asset: ScanAsset, scores: Scores, standing: StandingElement, options: ElementOptions
) -> dict[str, Any]:
    """Facts of an element made from six views."""
    facts = {
        "rig": options.sheet.rig,
        "fitted_views": views.count,
        "faces": asset.faces,
        "vertices": asset.vertices,
        "components": asset.components,
        "watertight": asset.watertight,
        "seen_fraction": round(asset.seen_fraction, 4),
        "height_m": standing.height_m,
        "roughness": 1.0,  # constant: six views do not show it
        "input_view_psnr_db": {name: round(value, 2) for name, value in scores.input_psnr_db.items()},
    }
    if asset.highlights:
        facts["highlights_gain_db"] = round(asset.highlights_db[1] - asset.highlights_db[0], 2)
    if not standing.has_picture:
        return facts
    return {
        **facts,
        "picture_on_front": standing.laid_on,
        "picture_outline_iou": round(standing.outline_iou, 4),
        "picture_elevation_deg": standing.elevation_deg,
        "picture_shown_fraction": round(standing.shown_fraction, 4),
    }


def orbit_facts(orbit: Orbit | None, sfm: SfmCameras | None) -> dict[str, Any]:
    """Facts of the orbit and of COLMAP's cameras of it."""
    if orbit is None:
        return {}
    facts: dict[str, Any] = {"orbit_frames": orbit.frames}
    if sfm is not None:
        facts["sfm_registered"] = sfm.registered
        facts["sfm_position_error"] = round(sfm.position_error, 5)
        facts["sfm_rotation_error_deg"] = round(sfm.rotation_error_deg, 3)
    return facts


def view_assets(
    run: Run,
    views: ViewSet,
    asset: ScanAsset,
    scores: Scores,
    standing: StandingElement,
    orbit: Orbit | None,
    sfm: SfmCameras | None,
) -> tuple[Asset, ...]:
    """The files of an element made from six views."""
    files = AssetList(run, "element", "m")
    assets = [
        *files.meshes(standing.folder, standing.file, standing.lods, standing.collider),
        files.asset("texture", asset.folder / asset.seen, "seen"),
        files.asset("cameras", standing.folder / standing.cameras),
        files.asset("photos", views.folder / views.photos),
        files.asset("preview", scores.folder / scores.preview),
    ]
    if asset.highlights:  # its directions are those of the rig's frame, as the mesh was before it stood up
        assets.append(AssetList(run, "rig", "arbitrary").asset("highlights", asset.folder / asset.highlights))
    if orbit is not None:
        assets.append(files.asset("video", orbit.folder / orbit.video, "orbit"))
        assets.append(AssetList(run, "rig", "arbitrary").asset("views", orbit.folder / orbit.cameras, "orbit"))
    if sfm is not None:
        assets.append(AssetList(run, "colmap", "arbitrary").asset("dataset", sfm.folder / sfm.dataset, "llff"))
    return tuple(assets)
