"""Facts, files and engines of a wall."""

from __future__ import annotations

from typing import Any

from ...contract import Asset
from ...ortho import HeightMap, Orthophoto, WallMesh, flatness_rms
from ...photos import PhotoSet
from ...runner import Run
from ...sfm.cameras import Reconstruction
from ...sfm.wall import Undistorted, WallFrame, why_no_wall
from ..assets import AssetList

ENGINES = {
    "features": "SIFT (OpenCV, CPU)",
    "cameras": "incremental mapping (pycolmap, Ceres, CPU)",
}


def wall_engines(matching: str, cameras: Reconstruction, orthophoto: Orthophoto) -> dict[str, str]:
    """What computed each part; `matching` as `matching_engine` names it."""
    aligned = {"alignment": f"patches ({cameras.alignment})"} if cameras.alignment else {}
    return {**ENGINES, "matching": matching, **aligned, "orthophoto": orthophoto.engine}


def wall_assets(
    run: Run, frame: WallFrame, height: HeightMap, orthophoto: Orthophoto, mesh: WallMesh, undistorted: Undistorted
) -> tuple[Asset, ...]:
    """The files of a wall, in its frame."""
    files = AssetList(run, "wall", "m" if frame.metric else "arbitrary")
    heights = AssetList(run, "wall", "mm" if frame.metric else "arbitrary")
    return (
        files.asset("mesh", mesh.folder / mesh.file),
        files.asset("orthophoto", orthophoto.folder / orthophoto.file),
        files.asset("orthophoto_preview", orthophoto.folder / orthophoto.preview),
        heights.asset("height_map", height.folder / height.file),
        files.asset("point_cloud", frame.folder / frame.cloud),
        files.asset("cameras", undistorted.folder / undistorted.cameras),
        files.asset("photos", undistorted.folder / undistorted.photos),
        files.asset("colmap_model", frame.folder / frame.model),
    )


def wall_facts(
    photos: PhotoSet,
    cameras: Reconstruction,
    frame: WallFrame,
    height: HeightMap,
    orthophoto: Orthophoto,
    mesh: WallMesh,
) -> dict[str, Any]:
    """Facts of a wall, as the result manifest lists them; millimetres only where the scale is metric."""
    facts: dict[str, Any] = {
        "input_photos": len(photos.photos) + len(photos.skipped),
        "used_photos": len(photos.photos),
        "registered_photos": len(cameras.registered),
        "unplaced_photos": list(cameras.unregistered),
        "models_found": cameras.models_found,
        "focal_px": [round(group.focal_px, 2) for group in cameras.groups],
        "focal_interval_px": [[round(end, 2) for end in group.focal_interval_px] for group in cameras.groups],
        "focal_from": [group.focal_from for group in cameras.groups],
        "focal_photos": [list(group.members) for group in cameras.groups],
        "focal_doubts": [group.doubt for group in cameras.groups if group.doubt],
        "radial": [round(group.radial, 5) for group in cameras.groups],
        "reprojection_px": round(cameras.reprojection_px, 4),
        "adjustment": cameras.adjustment,
        "focal_search": cameras.focal_search,
        "scale": "metric" if frame.metric else "arbitrary",
        "scale_from": frame.scale_from,
        "up_known": frame.up_known,
        "camera_distance": round(frame.camera_distance, 4),
        "width": round(frame.x_max - frame.x_min, 4),
        "height": round(frame.z_max - frame.z_min, 4),
        "faces": mesh.faces,
        "vertices": mesh.vertices,
        "seen_fraction": round(orthophoto.coverage, 4),
    }
    flatness = flatness_rms(height.read_heights(), 1000 * height.step)
    facts["looks_like_a_wall"] = not why_no_wall(
        frame.likeness, orthophoto.coverage, len(cameras.registered) / len(photos.photos)
    )
    facts["flatness_of_extent"] = flatness / 1000 / max(frame.x_max - frame.x_min, frame.z_max - frame.z_min)
    if frame.metric:
        facts["flatness_mm"] = round(flatness, 3)
        facts["mm_per_pixel"] = round(1000 * orthophoto.pixel, 4)
    return facts
