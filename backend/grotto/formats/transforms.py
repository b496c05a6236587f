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

from ..contract import bad_input
from .world_shift import NO_SHIFT, Shift

_FLIP = np.diag([1.0, -1.0, -1.0, 1.0])  # OpenCV camera axes from OpenGL camera axes; its own inverse


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

    Raises a bad-input problem where the file is no such document or a number is missing. Distortion is not read: photos
    beside our files have none.
    """
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        return [_camera({**document, **frame}) for frame in document["frames"]]
    except (KeyError, TypeError, ValueError) as error:
        raise bad_input(
            f"{path.name} does not describe pinhole cameras ({error})", "choose a transforms.json that Grotto wrote"
        ) from error


def _camera(frame: dict[str, object]) -> PhotoCamera:
    world_from_opengl = np.array(frame["transform_matrix"], np.float64)
    if world_from_opengl.shape != (4, 4):
        raise ValueError("transform_matrix is not 4 x 4")
    file_path = str(frame["file_path"])
    return PhotoCamera(
        file_path=file_path,
        photo_name=str(frame.get("colmap_name", file_path)),
        width=int(frame["w"]),  # type: ignore[call-overload]
        height=int(frame["h"]),  # type: ignore[call-overload]
        focal_x=float(frame["fl_x"]),  # type: ignore[arg-type]
        focal_y=float(frame.get("fl_y", frame["fl_x"])),  # type: ignore[arg-type]
        centre_x=float(frame["cx"]),  # type: ignore[arg-type]
        centre_y=float(frame["cy"]),  # type: ignore[arg-type]
        world_from_camera=world_from_opengl @ _FLIP,
    )
