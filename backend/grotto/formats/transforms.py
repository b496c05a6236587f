"""Cameras as transforms.json, in nerfstudio's manner.

`transform_matrix` is world_from_camera with OpenGL camera axes (x right, y up, z backward); ours are OpenCV axes
(x right, y down, z forward). Reading and writing turn between the two, so code holds OpenCV axes only.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..contract import malformed_as_bad_input, parse_json
from .photo_names import checked_name, checked_pixels, refuse_too_many
from .plain_numbers import finite, matrix_4x4
from .world_shift import NO_SHIFT, Shift

_FLIP = np.diag([1.0, -1.0, -1.0, 1.0])  # OpenCV camera axes from OpenGL camera axes; its own inverse
_INTRINSICS = ("w", "h", "fl_x", "fl_y", "cx", "cy")


@dataclass(frozen=True, kw_only=True)
class PhotoCamera:
    """A pinhole photo and its camera. Pixels: the top left pixel's centre is at (0.5, 0.5)."""

    file_path: str  # relative to transforms.json, POSIX
    photo_name: str  # the user's own name for the photo
    width: int
    height: int
    focal_x: float  # px
    focal_y: float
    centre_x: float
    centre_y: float
    world_from_camera: NDArray[np.float64]  # (4, 4), OpenCV camera axes


def write_transforms(path: Path, cameras: list[PhotoCamera], world_shift: Shift = NO_SHIFT) -> None:
    """Write the cameras, each frame with its own intrinsics; the key `colmap_name` keeps the user's photo name.

    A shift that was taken from the world's coordinates stands in `applied_transform`, as nerfstudio has it: (3, 4), from the
    world to the frame of the document.
    """
    frames = [
        {
            "file_path": camera.file_path,
            "colmap_name": camera.photo_name,
            "w": camera.width,
            "h": camera.height,
            "fl_x": camera.focal_x,
            "fl_y": camera.focal_y,
            "cx": camera.centre_x,
            "cy": camera.centre_y,
            "transform_matrix": (camera.world_from_camera @ _FLIP).tolist(),
        }
        for camera in cameras
    ]
    document: dict[str, Any] = {"camera_model": "PINHOLE"}
    if world_shift != NO_SHIFT:
        document["applied_transform"] = np.column_stack([np.eye(3), -np.array(world_shift)]).tolist()
    document["frames"] = frames
    path.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def read_transforms(path: Path) -> list[PhotoCamera]:
    """Read pinhole cameras; intrinsics that a frame lacks come from the top of the document, as nerfstudio has it.

    Raises a bad-input problem where the file is no such document, or where a number is missing, not finite or impossible.
    Distortion is not read: photos beside our files have none.
    """
    data = path.read_bytes()
    with malformed_as_bad_input(f"{path.name} does not describe pinhole cameras", "choose a transforms.json that Grotto wrote"):
        document = parse_json(data)
        frames = document["frames"]
        if not isinstance(frames, list) or not all(isinstance(frame, dict) for frame in frames):
            raise ValueError("its frames are no list of objects")
        refuse_too_many(len(frames))
        shared = {key: document[key] for key in _INTRINSICS if key in document}
        return [_camera({**shared, **frame}) for frame in frames]


def _camera(frame: dict[str, object]) -> PhotoCamera:
    file_path = checked_name(frame["file_path"], "a file_path")
    width, height = (checked_pixels(_number(frame, key), key) for key in ("w", "h"))
    focal_x = _number(frame, "fl_x")
    focal_y = _number(frame, "fl_y") if "fl_y" in frame else focal_x
    if min(focal_x, focal_y) <= 0:
        raise ValueError(f"{file_path} has no focal length")
    return PhotoCamera(
        file_path=file_path,
        photo_name=checked_name(frame.get("colmap_name", file_path), "a colmap_name"),
        width=width,
        height=height,
        focal_x=focal_x,
        focal_y=focal_y,
        centre_x=_number(frame, "cx"),
        centre_y=_number(frame, "cy"),
        world_from_camera=matrix_4x4(frame["transform_matrix"]) @ _FLIP,
    )


def _number(frame: dict[str, object], key: str) -> float:
    return finite(frame[key], key)
