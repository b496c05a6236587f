"""The stage `orbit` of an element from views: the field seen from all around, as a video and as views with their cameras."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ....contract import Progress
from ....contract.options import OrbitOptions
from ....fields import RadianceField, fitting_device, load_field, render_field
from ....formats import Artefact, write_transforms
from ....scene import orbit_like, photo_camera
from ....views import VideoWriter, ViewSet, write_rgba

PHOTOS, CAMERAS, VIDEO = "photos", "transforms.json", "orbit.mp4"
_FRAMES_A_SECOND = 25
_WHITE = 1.0


@dataclass(frozen=True, kw_only=True)
class Orbit(Artefact):
    """Frames round the element; their cameras stand in transforms.json in the same order."""

    frames: int
    frame_px: int
    photos: str = PHOTOS
    cameras: str = CAMERAS
    video: str = VIDEO


def make_orbit(views: ViewSet, field: RadianceField, options: OrbitOptions, folder: Path, report: Progress) -> Orbit:
    """Render the field from `orbit_frames` places evenly around it, with cameras like those of its views.

    Frames are PNG with alpha; the video shows them over white. Raises a missing-resource problem where no video can be written.
    """
    opened = load_field(field, fitting_device(field, report))
    cameras = orbit_like(views.read_cameras()[0], options.orbit_frames, options.orbit_px)
    (folder / PHOTOS).mkdir()
    placed = []
    with VideoWriter(folder / VIDEO, options.orbit_px, options.orbit_px, _FRAMES_A_SECOND) as video:
        for number, camera in enumerate(cameras):
            report(number / len(cameras), f"frame {number + 1} of {len(cameras)}")
            seen = render_field(opened, camera)
            colour = np.clip(seen.colour / np.maximum(seen.opacity, 1e-3)[..., None], 0, 1)
            name = f"{number:03}.png"
            write_rgba(folder / PHOTOS / name, np.dstack([colour, seen.opacity]))
            video.write(seen.over(_WHITE))
            placed.append(photo_camera(camera, f"{PHOTOS}/{name}", name))
    write_transforms(folder / CAMERAS, placed)
    report.preview(folder / PHOTOS / "000.png")
    return Orbit(folder=folder, frames=len(placed), frame_px=options.orbit_px)


def forecast_orbit(views: ViewSet, field: RadianceField, options: OrbitOptions) -> int:
    """Bytes: the field, and a frame."""
    return 1_500_000_000 + 400 * options.orbit_px**2
