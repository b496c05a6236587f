"""The stage `orbit` of an element from views: the field seen from all around, as a video and as views with their cameras."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ....contract import Progress, missing_resource
from ....contract.options import OrbitOptions
from ....fields import RadianceField, fitting_device, load_field, render_field
from ....formats import Artefact, PhotoCamera, write_transforms
from ....scene import Camera, look_at
from ....views import ViewSet

PHOTOS, CAMERAS, VIDEO = "photos", "transforms.json", "orbit.mp4"
_ELEVATION_DEG = 15.0
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
    """Render the field from `orbit_frames` places evenly round it, through cameras like those of its views.

    Frames are PNG with alpha; the video shows them over white. Raises a missing-resource problem where no video can be written.
    """
    opened = load_field(field, fitting_device(field, report))
    cameras = orbit_cameras(views.read_cameras()[0], options.orbit_frames, options.orbit_px)
    (folder / PHOTOS).mkdir()
    side = options.orbit_px - options.orbit_px % 2  # encoders take even sides only
    video = cv2.VideoWriter(str(folder / VIDEO), cv2.VideoWriter.fourcc(*"mp4v"), _FRAMES_A_SECOND, (side, side))
    if not video.isOpened():
        raise missing_resource(
            "no encoder for MP4 was found", "set the number of frames of the orbit to 0, or install OpenCV's own build"
        )
    placed = []
    for number, camera in enumerate(cameras):
        report(number / len(cameras), f"frame {number + 1} of {len(cameras)}")
        seen = render_field(opened, camera)
        colour = np.clip(seen.colour / np.maximum(seen.opacity, 1e-3)[..., None], 0, 1)
        rgba = np.dstack([colour, np.clip(seen.opacity, 0, 1)])
        name = f"{PHOTOS}/{number:03}.png"
        Image.fromarray((rgba * 255 + 0.5).astype(np.uint8), "RGBA").save(folder / name)
        video.write(_bgr(np.clip(seen.over(_WHITE), 0, 1))[:side, :side])
        placed.append(photo_camera(camera, name))
    video.release()
    write_transforms(folder / CAMERAS, placed)
    report.preview(folder / PHOTOS / "000.png")
    return Orbit(folder=folder, frames=len(placed), frame_px=options.orbit_px)


def forecast_orbit(views: ViewSet, field: RadianceField, options: OrbitOptions) -> int:
    """Bytes: the field, and a frame."""
    return 1_500_000_000 + 400 * options.orbit_px**2


def orbit_cameras(like: Camera, count: int, side_px: int) -> list[Camera]:
    """`count` square cameras round the origin at one elevation, as far away and as wide as another."""
    distance = float(np.linalg.norm(like.position))
    focal = like.focal_x * side_px / like.width
    elevation_deg = _ELEVATION_DEG
    rise = np.deg2rad(elevation_deg)
    made = []
    for turn in np.linspace(0, 2 * np.pi, count, endpoint=False):
        towards = np.array([np.cos(rise) * np.cos(turn), np.cos(rise) * np.sin(turn), np.sin(rise)])
        made.append(
            Camera(
                camera_from_world=look_at(distance * towards, np.zeros(3)), focal_x=focal, focal_y=focal, centre_x=side_px / 2,
                centre_y=side_px / 2, width=side_px, height=side_px,
            )
        )  # fmt: skip
    return made


def photo_camera(camera: Camera, file: str) -> PhotoCamera:
    """A camera as transforms.json has it."""
    return PhotoCamera(
        file_path=file, photo_name=Path(file).name, width=camera.width, height=camera.height, focal_x=camera.focal_x,
        focal_y=camera.focal_y, centre_x=camera.centre_x, centre_y=camera.centre_y,
        world_from_camera=np.asarray(np.linalg.inv(camera.camera_from_world), np.float64),
    )  # fmt: skip


def _bgr(picture: NDArray[np.floating]) -> NDArray[np.uint8]:
    return np.ascontiguousarray((picture[..., ::-1] * 255 + 0.5).astype(np.uint8))
