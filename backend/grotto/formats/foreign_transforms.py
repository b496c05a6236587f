"""Cameras of others as transforms.json: NeRF's (2020), instant-ngp's and nerfstudio's manner alike.

`transform_matrix` is world_from_camera with OpenGL camera axes. Intrinsics stand at the top, in each frame, or in both (the
frame's win): fl_x, fl_y, cx, cy, w, h and distortion k1 k2 p1 p2 (k3 and k4 where there are more), or `camera_angle_x` alone,
the horizontal field of view in radians.
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np

from ..contract import bad_input
from .given_cameras import GivenCamera, GivenLens, checked_lens, checked_transform

_FLIP = np.diag([1.0, -1.0, -1.0, 1.0])  # OpenCV camera axes from OpenGL camera axes; its own inverse
_REMEDY = "choose a transforms.json as NeRF, instant-ngp or nerfstudio have it"
_FISHEYE = ("OPENCV_FISHEYE", "FISHEYE")


def read_foreign_transforms(path: Path) -> list[GivenCamera]:
    """Every frame of the document, whether its photo is there or not.

    Raises bad input where the file is no such document, and, with the frame's name, where a camera is not finite or no
    camera.
    """
    try:
        document = json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError) as error:
        raise bad_input(f"the document {path.name} cannot be read ({error})", _REMEDY) from error
    frames = document.get("frames") if isinstance(document, dict) else None
    if not isinstance(frames, list) or not frames or not all(isinstance(frame, dict) for frame in frames):
        raise bad_input(f"the document {path.name} lists no frames", _REMEDY)
    return [_camera({**document, **frame}, number) for number, frame in enumerate(frames, start=1)]


def _camera(frame: dict[str, Any], number: int) -> GivenCamera:
    photo = frame.get("file_path")
    if not isinstance(photo, str) or not photo:
        raise bad_input(f"frame {number} names no photo (file_path)", _REMEDY)
    try:
        world_from_opengl = np.array(frame["transform_matrix"], np.float64)
        lens, angle = _lens(frame, photo)
    except (KeyError, TypeError, ValueError) as error:
        raise bad_input(f"the camera of {photo} cannot be read ({error})", _REMEDY) from error
    world_from_camera = checked_transform(world_from_opengl, photo) @ _FLIP
    camera_from_world = np.asarray(np.linalg.inv(world_from_camera), np.float64)
    return GivenCamera(photo=photo, lens=lens, angle_x=angle, camera_from_world=camera_from_world)


def _lens(frame: dict[str, Any], photo: str) -> tuple[GivenLens | None, float]:
    """The lens, or None and the field of view where no focal length in pixels or no size is given."""
    numbers = {key: float(frame[key]) for key in ("w", "h", "fl_x", "fl_y", "cx", "cy") if frame.get(key) is not None}
    if "w" not in numbers or "h" not in numbers or "fl_x" not in numbers:
        return _from_angle(frame, numbers, photo)
    if not math.isfinite(numbers["w"]) or not math.isfinite(numbers["h"]):
        raise ValueError("its size is not finite")
    width, height = round(numbers["w"]), round(numbers["h"])
    focal_x = numbers["fl_x"]
    pinhole = (focal_x, numbers.get("fl_y", focal_x), numbers.get("cx", width / 2), numbers.get("cy", height / 2))
    k1, k2, k3, k4, p1, p2 = (float(frame.get(key) or 0.0) for key in ("k1", "k2", "k3", "k4", "p1", "p2"))
    if str(frame.get("camera_model", "")).upper() in _FISHEYE or frame.get("is_fisheye"):
        lens = GivenLens(model="OPENCV_FISHEYE", width=width, height=height, params=(*pinhole, k1, k2, k3, k4))
    elif k3 or k4:
        lens = GivenLens(model="FULL_OPENCV", width=width, height=height, params=(*pinhole, k1, k2, p1, p2, k3, k4, 0.0, 0.0))
    elif k1 or k2 or p1 or p2:
        lens = GivenLens(model="OPENCV", width=width, height=height, params=(*pinhole, k1, k2, p1, p2))
    else:
        lens = GivenLens(model="PINHOLE", width=width, height=height, params=pinhole)
    return checked_lens(lens, photo), 0.0


def _from_angle(frame: dict[str, Any], numbers: dict[str, float], photo: str) -> tuple[GivenLens | None, float]:
    if "fl_x" in numbers and "cx" in numbers and "cy" in numbers:  # the size is twice the principal point, as NeRF had it
        width, height = round(2 * numbers["cx"]), round(2 * numbers["cy"])
        params = (numbers["fl_x"], numbers.get("fl_y", numbers["fl_x"]), numbers["cx"], numbers["cy"])
        return checked_lens(GivenLens(model="PINHOLE", width=width, height=height, params=params), photo), 0.0
    angle = float(frame["camera_angle_x"]) if frame.get("camera_angle_x") is not None else math.nan
    if not 0.0 < angle < math.pi:
        raise ValueError("neither fl_x with w and h, nor a camera_angle_x between 0 and pi")
    return None, angle
