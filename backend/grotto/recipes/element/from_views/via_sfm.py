"""The stage `sfm` of an element from views, for comparison only: COLMAP's cameras of the orbit, as paper 000 takes them.

The paper estimates cameras that the rig already knows. Here both are there, so their difference is measured, and the LLFF
dataset that its next step reads is written from what COLMAP found.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ....contract import Part, ProblemError, Progress, bad_input
from ....contract.options import CameraOptions, FeatureOptions, MatchOptions, PhotoOptions
from ....formats import Artefact, PhotoCamera, read_transforms, write_llff
from ....metrics import align_similarity
from ....sfm.cameras import find_cameras
from ....sfm.scan import choose_scan_pairs, extract_scan_features, match_scan_pairs
from ....views import read_scan_photos
from .orbit import Orbit

if TYPE_CHECKING:
    import pycolmap

DATASET, PICTURES = "llff", "images"
_FEWEST = 3  # cameras, below which there is nothing to compare


@dataclass(frozen=True, kw_only=True)
class SfmCameras(Artefact):
    """COLMAP's cameras of the orbit beside the true ones, after the similarity that fits best."""

    frames: int
    registered: int
    position_error: float  # median, in parts of the orbit's radius; nan where too few were placed
    rotation_error_deg: float  # median
    dataset: str = DATASET


def estimate_orbit_cameras(orbit: Orbit, folder: Path, report: Progress) -> SfmCameras:
    """Find the orbit's cameras from its frames alone, compare them with the known ones, and write them as LLFF dataset.

    Frames without features enough stay unplaced, which the result says. Raises bad input where fewer than three are placed.
    """
    plain = folder / "frames"
    plain.mkdir()
    truth = {Path(camera.file_path).stem: camera for camera in read_transforms(orbit.folder / orbit.cameras)}
    for name in truth:
        with Image.open(orbit.folder / orbit.photos / f"{name}.png") as opened:
            white = Image.new("RGBA", opened.size, (255, 255, 255, 255))
            Image.alpha_composite(white, opened.convert("RGBA")).convert("RGB").save(plain / f"{name}.png")
    parts = [_made(folder / name) for name in ("photos", "features", "pairs", "matches", "cameras")]
    photos = read_scan_photos(plain, None, PhotoOptions(), parts[0], Part(report, 0, 0.05))
    features = extract_scan_features(photos, FeatureOptions(), parts[1], Part(report, 0.05, 0.3))
    pairs = choose_scan_pairs(photos, features, "auto", parts[2], Part(report, 0.3, 0.32))
    matches = match_scan_pairs(features, pairs, photos, MatchOptions(), parts[3], Part(report, 0.32, 0.7))
    try:
        found = find_cameras(photos, matches, CameraOptions(), parts[4], Part(report, 0.7, 0.95))
    except ProblemError as error:
        raise bad_input(
            f"COLMAP places no cameras of the orbit ({error.problem.cause})",
            "leave via_sfm out: cameras are known",
            option="via_sfm",
        ) from error
    placed = cameras_of_model(found.read_model(), truth)
    if len(placed) < _FEWEST:
        raise bad_input(
            f"COLMAP placed {len(placed)} of {len(truth)} frames", "leave via_sfm out: the cameras are known", option="via_sfm"
        )
    pictures = folder / DATASET / PICTURES
    pictures.mkdir(parents=True)
    for name in placed:
        shutil.copyfile(plain / f"{name}.png", pictures / f"{name}.png")
    position, rotation = camera_errors(placed, truth)
    write_llff(folder / DATASET, [camera for camera, _ in placed.values()], np.stack([bound for _, bound in placed.values()]))
    return SfmCameras(
        folder=folder, frames=len(truth), registered=len(placed), position_error=position, rotation_error_deg=rotation
    )


def forecast_sfm(orbit: Orbit) -> int:
    """Bytes: features and matches of all frames."""
    return 800_000_000 + orbit.frames * orbit.frame_px**2 * 12


Placed = dict[str, tuple[PhotoCamera, NDArray[np.float64]]]


def cameras_of_model(model: pycolmap.Reconstruction, truth: dict[str, PhotoCamera]) -> Placed:
    """Cameras and depth bounds (near, far) of a COLMAP model's frames, by name, with the principal point in the middle."""
    placed: Placed = {}
    images = sorted(model.images.values(), key=lambda image: image.name)
    for image in images:
        name = Path(image.name).stem
        if not image.has_pose or name not in truth:
            continue
        camera_from_world = np.eye(4)
        camera_from_world[:3] = image.cam_from_world().matrix()
        lens = model.cameras[image.camera_id]
        seen = [model.points3D[point.point3D_id].xyz for point in image.points2D if point.has_point3D()]
        depth = (np.array(seen) @ camera_from_world[2, :3] + camera_from_world[2, 3]) if seen else np.array([0.1, 10.0])
        like, focal = truth[name], float(lens.mean_focal_length())
        placed[name] = (
            PhotoCamera(
                file_path=f"{PICTURES}/{name}.png", photo_name=like.photo_name, width=like.width, height=like.height,
                focal_x=focal, focal_y=focal, centre_x=like.width / 2, centre_y=like.height / 2,
                world_from_camera=np.asarray(np.linalg.inv(camera_from_world), np.float64),
            ),
            np.percentile(depth, [0.1, 99.9]),
        )  # fmt: skip
    return placed


def camera_errors(placed: Placed, truth: dict[str, PhotoCamera]) -> tuple[float, float]:
    """Median error of places, in parts of the orbit's radius, and of directions in degrees, after the best similarity."""
    names = list(placed)
    found = np.stack([placed[name][0].world_from_camera for name in names])
    wanted = np.stack([truth[name].world_from_camera for name in names])
    brought = align_similarity(found[:, :3, 3], wanted[:, :3, 3])
    radius = float(np.median(np.linalg.norm(wanted[:, :3, 3] - wanted[:, :3, 3].mean(0), axis=1)))
    away = np.linalg.norm(brought.forward(found[:, :3, 3]) - wanted[:, :3, 3], axis=1) / max(radius, 1e-12)
    turned = np.einsum("nji,njk->nik", wanted[:, :3, :3], brought.rotation @ found[:, :3, :3])
    angle = np.degrees(np.arccos(np.clip((np.trace(turned, axis1=1, axis2=2) - 1) / 2, -1, 1)))
    return float(np.median(away)), float(np.median(angle))


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder
