"""The recipe `scan`: photos of an object or a room, or pictures with cameras, become a textured mesh and splats.

After the survey of neural reconstruction (paper 003): cameras, then a radiance field or Gaussian splats, then their surface; and
after NeRF2Mesh (paper 000's second stage): the mesh refined where it does not look like the photos, then textured.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ...contract import Action, Asset, Result, bad_input
from ...contract.recipes import ScanOptions
from ...fields import RadianceField
from ...photos import ScanPhotos
from ...runner import Recipe, Run, Stage
from ...sfm.cameras import Reconstruction, find_cameras, forecast_cameras
from ...sfm.features import Features, forecast_features
from ...sfm.pairs import Matches, Pairs, forecast_matches
from ...sfm.scan import (
    SparseScene,
    choose_scan_pairs,
    extract_scan_features,
    forecast_scan_frame,
    forecast_scan_pairs,
    forecast_triangulation,
    match_scan_pairs,
    set_scan_frame,
    triangulate_given,
)
from ...splats import Splats
from ...views import (
    ScanSource,
    VideoFrames,
    ViewSet,
    choose_frames,
    find_source,
    forecast_scan_photos,
    forecast_video,
    forecast_views,
    make_views,
    read_scan_photos,
)
from ..stages import ASSET, FIELD, REFINE, SCORES, SPLATS, SURFACE, ScanAsset, ScanMesh, Scores, spz_of
from .mesh_sources import mesh_sources, refuse_level_of_a_scene

FRAMES = Stage("frames", "Choosing sharp frames", choose_frames, VideoFrames, 1, 4, forecast_video)
PHOTOS = Stage("photos", "Reading photos", read_scan_photos, ScanPhotos, 1, 2, forecast_scan_photos)
FEATURES = Stage("features", "Finding features", extract_scan_features, Features, 1, 10, forecast_features)
PAIRS = Stage("pairs", "Choosing pairs", choose_scan_pairs, Pairs, 1, 1, forecast_scan_pairs)
MATCHES = Stage("matches", "Matching", match_scan_pairs, Matches, 1, 15, forecast_matches)
CAMERAS = Stage("cameras", "Finding cameras", find_cameras, Reconstruction, 1, 10, forecast_cameras)
FRAME = Stage("frame", "Setting the scene upright", set_scan_frame, SparseScene, 1, 1, forecast_scan_frame)
TRIANGULATE = Stage("triangulate", "Checking the given cameras", triangulate_given, SparseScene, 1, 2, forecast_triangulation)
VIEWS = Stage("views", "Undistorting photos", make_views, ViewSet, 1, 3, forecast_views)


def scan(source: Path, options: ScanOptions, run: Run) -> Result:
    """Photos, a video or pictures with cameras in; mesh, splats and cameras out."""
    sources = mesh_sources(options)
    found = find_source(source)
    _refuse_output_inside(run, found)
    _leave_out(run, found, options)
    pictures = found.pictures
    if found.video:
        frames = run(FRAMES, pictures, options.source.video_frames)
        pictures = frames.folder / frames.photos
    photos = run(PHOTOS, pictures, found.document, options=options.photos)
    features = run(FEATURES, photos, options=options.features)
    pairs = run(PAIRS, photos, features, options.source.pairing)
    matches = run(MATCHES, features, pairs, photos, options=options.matches)
    if photos.are_placed:
        scene = run(TRIANGULATE, photos, features, matches)
    else:
        scene = run(FRAME, photos, run(CAMERAS, photos, matches, options=options.cameras))
    views = run(VIEWS, photos, scene, options.source.holdout, options=options.views)
    refuse_level_of_a_scene(options, views)
    field = run(FIELD, views, options=options.radiance) if options.via != "splats" else None
    splats = run(SPLATS, views, options=options.splats) if options.via != "field" else None
    surface = run(
        SURFACE,
        views,
        field if "field" in sources else None,
        splats if "splats" in sources else None,
        options.budget.faces,
        options=options.surface,
    )
    refined = run(REFINE, views, surface, options.budget.faces, options=options.refine)
    about = scan_provenance(source, views, field, splats, refined)
    asset = run(ASSET, views, refined, about, options.budget.lods, options=options.bake)
    scores = run(SCORES, views, field, splats, asset)
    return Result(
        recipe="scan",
        assets=_assets(run, scene, views, splats, asset, scores),
        facts=scan_facts(photos, scene, views, asset, scores),
        engines=_engines(photos, field, splats, refined),
    )


RECIPE = Recipe(
    "scan",
    ScanOptions,
    (
        FRAMES, PHOTOS, FEATURES, PAIRS, MATCHES, CAMERAS, FRAME, TRIANGULATE, VIEWS, FIELD, SPLATS, SURFACE, REFINE, ASSET,
        SCORES,
    ),
    scan,
)  # fmt: skip


def _refuse_output_inside(run: Run, found: ScanSource) -> None:
    if run.folder.resolve().is_relative_to(found.pictures):
        raise bad_input(
            f"the output folder {run.folder} lies among the pictures in {found.pictures}",
            "choose an output folder outside of it",
            Action.CHOOSE_FOLDER,
        )


def _leave_out(run: Run, found: ScanSource, options: ScanOptions) -> None:
    """Say which stages this job does without."""
    run.leave_out(
        *(() if found.video else (FRAMES,)),
        *((CAMERAS, FRAME) if found.document is not None else (TRIANGULATE,)),
        *((FIELD,) if options.via == "splats" else ()),
        *((SPLATS,) if options.via == "field" else ()),
    )


def scan_provenance(
    source: Path, views: ViewSet, field: RadianceField | None, splats: Splats | None, mesh: ScanMesh
) -> dict[str, Any]:
    """What the mesh says of itself wherever it goes: plain words and numbers."""
    return {
        "recipe": "scan",
        "source": source.name,
        "photos": views.count,
        "cameras": "given" if views.given else "found",
        "field": "" if field is None else field.kind,
        "splats": 0 if splats is None else splats.count,
        "mesh_from": mesh.origin,
    }


def scan_facts(photos: ScanPhotos, scene: SparseScene, views: ViewSet, asset: ScanAsset, scores: Scores) -> dict[str, Any]:
    """What the job found, in the words of the result manifest."""
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
    if asset.highlights:
        facts["highlights_gain_db"] = round(asset.highlights_db[1] - asset.highlights_db[0], 2)
    if scene.reprojection_px >= 0:
        facts["reprojection_px"] = round(scene.reprojection_px, 3)
    if scores.heldout_views:
        facts["heldout_psnr_db"] = _rounded(scores.heldout_psnr_db, 2)
        facts["heldout_ssim"] = _rounded(scores.heldout_ssim, 4)
    if not views.region.bounded:
        facts["mesh_cover"] = round(scores.mesh_cover, 3)
    return facts


def _rounded(values: dict[str, float], digits: int) -> dict[str, float]:
    return {name: round(value, digits) for name, value in values.items()}


def _engines(photos: ScanPhotos, field: RadianceField | None, splats: Splats | None, mesh: ScanMesh) -> dict[str, str]:
    engines = {
        "features": "SIFT (VLFeat through pycolmap, CPU)",
        "matching": "brute force with ratio test (pycolmap, CPU)",
        "cameras": "given" if photos.are_placed else "incremental mapping (pycolmap, Ceres, CPU)",
    }
    if field is not None:
        engines["field"] = f"{field.kind}: {field.engine}"
    if splats is not None:
        engines["splats"] = splats.engine
    engines["surface"] = f"{mesh.extractor} of the {mesh.origin}"
    return engines


def _assets(
    run: Run, scene: SparseScene, views: ViewSet, splats: Splats | None, asset: ScanAsset, scores: Scores
) -> tuple[Asset, ...]:
    frame = "given" if views.given else "scan"

    def made(kind: str, path: Path, role: str = "") -> Asset:
        return Asset(kind=kind, path=run.relative(path), frame=frame, units="arbitrary", role=role)

    spz = spz_of(splats) if splats is not None else None
    return (
        made("mesh", asset.folder / asset.file),
        *(made("mesh", asset.folder / file, f"lod{number}") for number, file in enumerate(asset.lods, start=1)),
        made("texture", asset.folder / asset.seen, "seen"),
        *((made("highlights", asset.folder / asset.highlights),) if asset.highlights else ()),
        *((made("splats", splats.folder / splats.file),) if splats is not None else ()),
        *((made("splats", spz, "spz"),) if spz is not None else ()),
        made("cameras", views.folder / views.cameras),
        made("photos", views.folder / views.photos),
        *((made("point_cloud", views.folder / views.cloud),) if views.cloud else ()),
        made("colmap_model", scene.folder / scene.model),
        made("preview", scores.folder / scores.preview),
    )
