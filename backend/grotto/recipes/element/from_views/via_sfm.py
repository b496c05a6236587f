"""The stage `sfm` of an element from views, for comparison only: COLMAP's cameras of the orbit, as 3DSynBrush uses them.

The paper estimates cameras that the rig already defines. Here the difference of both is measured, and the LLFF dataset that the
paper's next step reads is written from COLMAP's cameras.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from ....contract import Part, ProblemError, Progress, bad_input
from ....contract.options import CameraOptions, FeatureOptions, MatchOptions, PhotoOptions
from ....formats import Artefact, read_transforms, write_llff
from ....metrics import camera_errors
from ....photos import stored_picture
from ....sfm.cameras import find_cameras, posed_cameras
from ....sfm.scan import choose_scan_pairs, extract_scan_features, match_scan_pairs
from ....views import read_scan_photos
from .orbit import Orbit

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

    Frames with too few features stay unplaced; the result counts them. Raises bad input where fewer than three are placed.
    """
    plain = folder / "frames"
    plain.mkdir()
    truth = {Path(camera.file_path).stem: camera for camera in read_transforms(orbit.folder / orbit.cameras)}
    for name in truth:
        frame = stored_picture(orbit.folder / orbit.photos / f"{name}.png").convert("RGBA")
        white = Image.new("RGBA", frame.size, (255, 255, 255, 255))
        Image.alpha_composite(white, frame).convert("RGB").save(plain / f"{name}.png")
    parts = [_new_folder(folder / name) for name in ("photos", "features", "pairs", "matches", "cameras")]
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
    placed = posed_cameras(found.read_model(), truth, PICTURES)
    if len(placed) < _FEWEST:
        raise bad_input(
            f"COLMAP placed {len(placed)} of {len(truth)} frames", "leave via_sfm out: the cameras are known", option="via_sfm"
        )
    pictures = folder / DATASET / PICTURES
    pictures.mkdir(parents=True)
    for name in placed:
        shutil.copyfile(plain / f"{name}.png", pictures / f"{name}.png")
    estimated = np.stack([camera.world_from_camera for camera, _ in placed.values()])
    position, rotation = camera_errors(estimated, np.stack([truth[name].world_from_camera for name in placed]))
    write_llff(folder / DATASET, [camera for camera, _ in placed.values()], np.stack([bounds for _, bounds in placed.values()]))
    return SfmCameras(
        folder=folder, frames=len(truth), registered=len(placed), position_error=position, rotation_error_deg=rotation
    )


def forecast_sfm(orbit: Orbit) -> int:
    """Bytes: features and matches of all frames."""
    return 800_000_000 + orbit.frames * orbit.frame_px**2 * 12


def _new_folder(folder: Path) -> Path:
    folder.mkdir()
    return folder
