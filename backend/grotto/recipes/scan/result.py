"""Provenance, facts and files of a scan."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ...contract import Asset
from ...fields import RadianceField
from ...formats import NO_SHIFT
from ...photos import ScanPhotos
from ...runner import Run
from ...sfm.scan import SparseScene
from ...splats import Splats
from ...views import ViewSet
from ..assets import AssetList
from ..stages import Backdrop, ScanAsset, ScanMesh, Scores, SubjectViews, spz_of


def provenance_of(
    source: Path, views: ViewSet, field: RadianceField | None, splats: Splats | None, mesh: ScanMesh
) -> dict[str, Any]:
    """Extras that the mesh carries in its files: words and numbers."""
    return {
        "recipe": "scan",
        "source": source.name,
        "photos": views.count,
        "cameras": "given" if views.given else "found",
        "field": "" if field is None else field.kind,
        "splats": 0 if splats is None else splats.count,
        "mesh_from": mesh.origin,
        **({"world_shift": list(views.world_shift)} if views.world_shift != NO_SHIFT else {}),
    }


def scan_facts(
    photos: ScanPhotos,
    scene: SparseScene,
    views: ViewSet,
    subject: SubjectViews | None,
    asset: ScanAsset,
    backdrop: Backdrop | None,
    scores: Scores,
) -> dict[str, Any]:
    """Facts of a scan, as the result manifest lists them."""
    facts: dict[str, Any] = {
        "input_photos": len(photos.photos) + len(photos.skipped),
        "used_photos": len(photos.photos),
        "registered_photos": len(scene.placed),
        "fitted_views": views.count,
        "heldout_views": scores.heldout_views,
        "cameras_given": views.given,
        "sparse_points": scene.points,
        "scale": "as the given cameras have it" if views.given else "arbitrary",
        "faces": asset.faces,
        "vertices": asset.vertices,
        "components": asset.components,
        "watertight": asset.watertight,
        "seen_fraction": round(asset.seen_fraction, 4),
        "mesh_from": asset.origin,
        "input_view_psnr_db": _rounded(scores.input_psnr_db, 2),
    }
    if views.world_shift != NO_SHIFT:
        facts["world_shift"] = list(views.world_shift)
    if asset.highlights:
        facts["highlights_gain_db"] = round(asset.highlights_db[1] - asset.highlights_db[0], 2)
    if scene.reprojection_px >= 0:
        facts["reprojection_px"] = round(scene.reprojection_px, 3)
    if scores.heldout_views:
        facts["heldout_psnr_db"] = _rounded(scores.heldout_psnr_db, 2)
        facts["heldout_ssim"] = _rounded(scores.heldout_ssim, 4)
    if not views.region.bounded:
        facts["mesh_cover"] = round(scores.mesh_cover, 3)
    box = views.subject if subject is None else subject.subject
    if box is not None:
        facts["subject_box"] = [round(value, 5) for value in (*box.lowest, *box.highest)]
    if scores.subject_cover >= 0:
        facts["subject_cover"] = round(scores.subject_cover, 4)
        facts["subject_psnr_db"] = _rounded(scores.subject_psnr_db, 2)
    if backdrop is not None:
        facts["backdrop_faces"] = backdrop.faces
    return facts


def _rounded(values: dict[str, float], digits: int) -> dict[str, float]:
    return {name: round(value, digits) for name, value in values.items()}


def scan_engines(photos: ScanPhotos, field: RadianceField | None, splats: Splats | None, mesh: ScanMesh) -> dict[str, str]:
    """How features, cameras, field and splats were made."""
    engines = {
        "features": "SIFT (OpenCV, CPU)",
        "matching": "brute force with ratio test (pycolmap, CPU)",
        "cameras": "given" if photos.are_placed else "incremental mapping (pycolmap, Ceres, CPU)",
    }
    if field is not None:
        engines["field"] = f"{field.kind}: {field.engine}"
    if splats is not None:
        engines["splats"] = splats.engine
    engines["surface"] = f"{mesh.extractor} of the {mesh.origin}"
    return engines


def scan_assets(
    run: Run,
    scene: SparseScene,
    views: ViewSet,
    splats: Splats | None,
    asset: ScanAsset,
    backdrop: Backdrop | None,
    scores: Scores,
) -> tuple[Asset, ...]:
    """The files of a scan, in the views' frame."""
    spz = spz_of(splats) if splats is not None else None
    files = AssetList(run, "given" if views.given else "scan", "arbitrary")
    return (
        *files.meshes(asset.folder, asset.file, asset.lods),
        *((files.asset("mesh", backdrop.folder / backdrop.file, "backdrop"),) if backdrop is not None and backdrop.file else ()),
        files.asset("texture", asset.folder / asset.seen, "seen"),
        *((files.asset("highlights", asset.folder / asset.highlights),) if asset.highlights else ()),
        *((files.asset("splats", splats.folder / splats.file),) if splats is not None else ()),
        *((files.asset("splats", spz, "spz"),) if spz is not None else ()),
        files.asset("cameras", views.folder / views.cameras),
        files.asset("photos", views.folder / views.photos),
        *((files.asset("point_cloud", views.folder / views.cloud),) if views.cloud else ()),
        files.asset("colmap_model", scene.folder / scene.model),
        files.asset("preview", scores.folder / scores.preview),
    )
