"""The recipe `wall`: photos of a mural, relief or facade become cameras, height map, orthophoto and textured mesh.

After the mural paper's pipeline (features, pairs, matches, sparse reconstruction with cameras alike, orthographic view),
with the wall's own frame and a projection through its relief in place of the external tools it uses for the last steps.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from ...contract import Asset, Result
from ...contract.recipes import WallOptions
from ...ortho import (
    HeightMap,
    Orthophoto,
    WallMesh,
    forecast_height_map,
    forecast_orthophoto,
    forecast_wall_mesh,
    make_height_map,
    make_orthophoto,
    make_wall_mesh,
)
from ...photos import PhotoSet, forecast_read_photos, read_photos
from ...runner import Recipe, Run, Stage, versions
from ...sfm.cameras import Reconstruction, find_cameras, forecast_cameras
from ...sfm.features import extract_features, forecast_features
from ...sfm.pairs import choose_pairs, forecast_matches, forecast_pairs, match_pairs
from ...sfm.wall import (
    Undistorted,
    WallFrame,
    fit_plane,
    forecast_undistort,
    forecast_wall_frame,
    set_wall_frame,
    undistort_photos,
)
from .report import WallArtefacts, WallJob, forecast_wall_report, write_wall_report

PHOTOS = Stage("photos", "Reading photos", read_photos, version=1, share=4, forecast=forecast_read_photos)
FEATURES = Stage("features", "Finding features", extract_features, version=1, share=25, forecast=forecast_features)
PAIRS = Stage("pairs", "Choosing pairs", choose_pairs, version=1, share=4, forecast=forecast_pairs)
MATCHES = Stage("matches", "Matching", match_pairs, version=1, share=20, forecast=forecast_matches)
CAMERAS = Stage("cameras", "Finding cameras", find_cameras, version=1, share=25, forecast=forecast_cameras)
FRAME = Stage("frame", "Setting the wall upright", set_wall_frame, version=1, share=1, forecast=forecast_wall_frame)
HEIGHT = Stage("height", "Height map", make_height_map, version=1, share=4, forecast=forecast_height_map)
ORTHOPHOTO = Stage("orthophoto", "Orthophoto", make_orthophoto, version=1, share=14, forecast=forecast_orthophoto)
MESH = Stage("mesh", "Mesh", make_wall_mesh, version=1, share=4, forecast=forecast_wall_mesh)
UNDISTORT = Stage("undistort", "Undistorting photos", undistort_photos, version=1, share=3, forecast=forecast_undistort)
REPORT = Stage("report", "Report", write_wall_report, version=1, share=3, forecast=forecast_wall_report)

ENGINES = {
    "features": "SIFT (VLFeat through pycolmap, CPU)",
    "matching": "brute force with ratio test (pycolmap, CPU)",
    "cameras": "incremental mapping (pycolmap, Ceres, CPU)",
}


def wall(source: Path, options: WallOptions, run: Run) -> Result:
    """A folder of photos of one wall in, everything that an artist needs of it out."""
    run.plan(PHOTOS, FEATURES, PAIRS, MATCHES, CAMERAS, FRAME, HEIGHT, ORTHOPHOTO, MESH, UNDISTORT, REPORT)
    photos = run(PHOTOS, source, options.photos)
    features = run(FEATURES, photos, options.features)
    pairs = run(PAIRS, photos, features, options.pairs)
    matches = run(MATCHES, features, pairs, photos, options.matches)
    cameras = run(CAMERAS, photos, matches, options.cameras)
    frame = run(FRAME, photos, cameras, options.frame)
    height = run(HEIGHT, frame, options.height)
    orthophoto = run(ORTHOPHOTO, frame, height, photos, options.orthophoto)
    mesh = run(MESH, height, orthophoto, options.mesh)
    undistorted = run(UNDISTORT, frame, photos, options.undistort)
    made = WallArtefacts(
        photos=photos, matches=matches, cameras=cameras, frame=frame, height=height, orthophoto=orthophoto, mesh=mesh
    )
    assets = _assets(run, frame, height, orthophoto, mesh, undistorted)
    report = run(REPORT, made, _about(source, options, run, assets))
    return Result(
        recipe="wall",
        assets=(*assets, Asset(kind="report", path=run.relative(report.folder / report.file))),
        facts=wall_facts(photos, cameras, frame, height, orthophoto, mesh),
        engines=ENGINES,
    )


RECIPE = Recipe("wall", WallOptions, wall)


def _assets(
    run: Run, frame: WallFrame, height: HeightMap, orthophoto: Orthophoto, mesh: WallMesh, undistorted: Undistorted
) -> tuple[Asset, ...]:
    units = "m" if frame.metric else "arbitrary"

    def asset(kind: str, path: Path, units: str = units) -> Asset:
        return Asset(kind=kind, path=run.relative(path), frame="wall", units=units)

    return (
        asset("mesh", mesh.folder / mesh.file),
        asset("orthophoto", orthophoto.folder / orthophoto.file),
        asset("orthophoto_preview", orthophoto.folder / orthophoto.preview),
        asset("height_map", height.folder / height.file, "mm" if frame.metric else "arbitrary"),
        asset("point_cloud", frame.folder / frame.cloud),
        asset("cameras", undistorted.folder / undistorted.cameras),
        asset("photos", undistorted.folder / undistorted.photos),
        asset("colmap_model", frame.folder / frame.model),
    )


def _about(source: Path, options: WallOptions, run: Run, assets: tuple[Asset, ...]) -> WallJob:
    return WallJob(
        title=source.name,
        made_on="",
        options=options,
        files=tuple((f"../{asset.path}", asset.kind) for asset in assets),
        notes=tuple(run.notes),
        timings=dict(run.timings),
        versions=versions(),
        engines=ENGINES,
    )


def wall_facts(
    photos: PhotoSet,
    cameras: Reconstruction,
    frame: WallFrame,
    height: HeightMap,
    orthophoto: Orthophoto,
    mesh: WallMesh,
) -> dict[str, Any]:
    """What the job found, in the words of the result manifest; millimetres only where the scale is metric."""
    facts: dict[str, Any] = {
        "input_photos": len(photos.photos) + len(photos.skipped),
        "used_photos": len(photos.photos),
        "registered_photos": len(cameras.registered),
        "models_found": cameras.models_found,
        "focal_px": [round(group.focal_px, 2) for group in cameras.groups],
        "focal_interval_px": [[round(end, 2) for end in group.focal_interval_px] for group in cameras.groups],
        "focal_from": [group.focal_from for group in cameras.groups],
        "radial": [round(group.radial, 5) for group in cameras.groups],
        "reprojection_px": round(cameras.reprojection_px, 4),
        "scale": "metric" if frame.metric else "arbitrary",
        "scale_from": frame.scale_from,
        "camera_distance": round(frame.camera_distance, 4),
        "width": round(frame.x_max - frame.x_min, 4),
        "height": round(frame.z_max - frame.z_min, 4),
        "faces": mesh.faces,
        "vertices": mesh.vertices,
        "seen_fraction": round(orthophoto.coverage, 4),
    }
    flatness = flatness_of(height)
    facts["flatness_of_extent"] = flatness / 1000 / max(frame.x_max - frame.x_min, frame.z_max - frame.z_min)
    if frame.metric:
        facts["flatness_mm"] = round(flatness, 3)
        facts["mm_per_pixel"] = round(1000 * orthophoto.pixel, 4)
    return facts


def flatness_of(height: HeightMap) -> float:
    """RMS of the height map about its best plane, in its own unit (mm where metric)."""
    heights = height.read_heights()
    row, column = np.nonzero(np.isfinite(heights))
    step = 1000 * height.step
    points = np.column_stack([column * step, row * step, heights[row, column]]).astype(np.float64)
    normal, offset = fit_plane(points)
    return float(np.sqrt(np.mean((points @ normal - offset) ** 2)))
