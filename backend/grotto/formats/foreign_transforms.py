"""Cameras of others as transforms.json: NeRF's (2020), instant-ngp's and nerfstudio's manner alike.

`transform_matrix` is world_from_camera with OpenGL camera axes. Intrinsics stand at the top, in each frame, or in both (the
frame's win): fl_x, fl_y, cx, cy, w, h and distortion k1 to k6, p1, p2, or `camera_angle_x` and `camera_angle_y`, the fields of
view in radians. Without w and h the photo's own size holds.
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np

from ..contract import bad_input
from .given_cameras import GivenCamera, checked_transform
from .given_lens import GivenLens, checked_lens
from .partial_lens import PartialLens

_FLIP = np.diag([1.0, -1.0, -1.0, 1.0])  # OpenCV camera axes from OpenGL camera axes; its own inverse
_REMEDY = "choose a transforms.json as NeRF, instant-ngp or nerfstudio have it"
_FISHEYE = ("OPENCV_FISHEYE", "FISHEYE", "SIMPLE_RADIAL_FISHEYE", "RADIAL_FISHEYE")
_PERSPECTIVE = ("", "PERSPECTIVE", "PINHOLE", "SIMPLE_PINHOLE", "SIMPLE_RADIAL", "RADIAL", "OPENCV", "FULL_OPENCV")
_OTHER_LENSES = ("ortho", "is_ortho", "equirectangular", "is_equirectangular", "latlong", "ftheta_p0", "vr180")
_SIZE = ("w", "h")
_ANGLES = ("camera_angle_x", "camera_angle_y")
_FOCAL = ("fl_x", "fl_y", *_ANGLES)
_DISTORTION = ("k1", "k2", "k3", "k4", "k5", "k6", "p1", "p2")
_USED = {
    "frames",
    "file_path",
    "transform_matrix",
    "mask_path",
    "camera_model",
    "is_fisheye",
    "cx",
    "cy",
    "colmap_name",
    *_SIZE,
    *_FOCAL,
    *_DISTORTION,
}
_OFF_THE_MIDDLE = 1.67  # a principal point at more than this times, or less than 1 / this of half the size, is of another picture


def read_foreign_transforms(path: Path) -> list[GivenCamera]:
    """Every frame of the document, whether its photo is there or not.

    Raises bad input where the file is no such document, and, with the frame's name, where a camera is not finite, no camera, or
    of a kind that is not read.
    """
    document = _read(path)
    return [_camera({**document, **frame}, number) for number, frame in enumerate(document["frames"], start=1)]


def remarks_on_transforms(path: Path) -> list[str]:
    """What the document holds that is not used or contradicts itself, in sentences for the user."""
    document = _read(path)
    frames = [{**document, **frame} for frame in document["frames"]]
    said = []
    unused = dict.fromkeys(
        key for frame in frames for key, value in frame.items() if key not in _USED and value not in (None, [])
    )
    if unused:
        said.append(f"{path.name} also gives {', '.join(unused)}: not used")
    wrong = [str(frame.get("file_path")) for frame in frames if _contradicts(_numbers(frame))]
    if wrong:
        said.append(
            f"w and h of {len(wrong)} frames in {path.name} do not fit cx and cy ({wrong[0]}): the photo's size is used instead"
        )
    return said


def _read(path: Path) -> dict[str, Any]:
    try:
        document = json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError) as error:
        raise bad_input(f"the document {path.name} cannot be read ({error})", _REMEDY) from error
    frames = document.get("frames") if isinstance(document, dict) else None
    if not isinstance(frames, list) or not frames or not all(isinstance(frame, dict) for frame in frames):
        raise bad_input(f"the document {path.name} lists no frames", _REMEDY)
    return dict(document)


def _camera(frame: dict[str, Any], number: int) -> GivenCamera:
    photo, mask = frame.get("file_path"), frame.get("mask_path") or ""
    if not isinstance(photo, str) or not photo:
        raise bad_input(f"frame {number} names no photo (file_path)", _REMEDY)
    if not isinstance(mask, str):
        raise bad_input(f"the mask_path of {photo} is no path", _REMEDY)
    try:
        world_from_opengl = np.array(frame["transform_matrix"], np.float64)
        lens = _lens(frame, photo)
    except (KeyError, TypeError, ValueError) as error:
        raise bad_input(f"the camera of {photo} cannot be read ({error})", _REMEDY) from error
    world_from_camera = checked_transform(world_from_opengl, photo) @ _FLIP
    camera_from_world = np.asarray(np.linalg.inv(world_from_camera), np.float64)
    return GivenCamera(photo=photo, lens=lens, camera_from_world=camera_from_world, mask=mask)


def _numbers(frame: dict[str, Any]) -> dict[str, float]:
    """The intrinsics that the frame gives."""
    return {key: float(frame[key]) for key in (*_SIZE, *_FOCAL, "cx", "cy") if frame.get(key) is not None}


def _contradicts(numbers: dict[str, float]) -> bool:
    """Whether w and h are of a picture of another size than the principal point, as after a reduction of one of them."""
    if any(numbers.get(key, 0.0) <= 0 for key in (*_SIZE, "cx", "cy")):
        return False
    across, down = 2 * numbers["cx"] / numbers["w"], 2 * numbers["cy"] / numbers["h"]
    return min(across, down) > _OFF_THE_MIDDLE or max(across, down) < 1 / _OFF_THE_MIDDLE


def _lens(frame: dict[str, Any], photo: str) -> GivenLens | PartialLens:
    """The lens, complete where the document gives a size. Raises ValueError, with words, for what is no lens that is read."""
    numbers = _numbers(frame)
    _check_focal(numbers, photo)
    model, distortion = _model(frame)
    if not all(math.isfinite(value) for value in distortion):
        raise ValueError("its distortion is not finite")
    if model == "PINHOLE" and not {"fl_x", "fl_y"} & set(numbers) and "camera_angle_y" not in numbers:
        model = "SIMPLE_PINHOLE"
    angle_x, angle_y = (value if 0.0 < value < math.pi else 0.0 for value in map(numbers.get, _ANGLES, (0.0, 0.0)))
    partial = PartialLens(
        model=model,
        focal_x=numbers.get("fl_x", 0.0),
        focal_y=numbers.get("fl_y", 0.0),
        angle_x=0.0 if "fl_x" in numbers else angle_x,
        angle_y=0.0 if "fl_y" in numbers else angle_y,
        centre_x=numbers.get("cx", 0.0),
        centre_y=numbers.get("cy", 0.0),
        distortion=distortion,
    )
    if not set(_SIZE) <= set(numbers) or _contradicts(numbers):
        return partial
    if not all(math.isfinite(numbers[key]) and numbers[key] >= 1 for key in _SIZE):
        raise ValueError("its size (w, h) is no number of pixels")
    width, height = round(numbers["w"]), round(numbers["h"])
    whole = PartialLens(**{**vars(partial), "centre_x": 0.0, "centre_y": 0.0}).completed(width, height, photo)
    focals = len(whole.params) - 2 - len(distortion)
    centre = (numbers.get("cx", width / 2), numbers.get("cy", height / 2))
    lens = GivenLens(model=model, width=width, height=height, params=(*whole.params[:focals], *centre, *distortion))
    return checked_lens(lens, photo)


def _check_focal(numbers: dict[str, float], photo: str) -> None:
    """Raise ValueError where no focal length can be had, bad input where one is none."""
    focals = [numbers[key] for key in ("fl_x", "fl_y") if key in numbers]
    angles = [numbers[key] for key in _ANGLES if key in numbers]
    if any(not math.isfinite(numbers[key]) for key in numbers):
        raise ValueError("it holds a number that is not finite (NaN)")
    if any(value <= 0 for value in focals):
        raise bad_input(f"the lens of {photo} has no focal length or no size", "correct it, or take the frame out")
    if not focals and not any(0.0 < angle < math.pi for angle in angles):
        raise ValueError("neither fl_x, nor a camera_angle_x between 0 and pi")


def _model(frame: dict[str, Any]) -> tuple[str, tuple[float, ...]]:
    """COLMAP's name of the lens model, and its numbers after the principal point."""
    named = str(frame.get("camera_model") or "").upper()
    other = next((key for key in _OTHER_LENSES if frame.get(key)), "")
    if other or named not in (*_PERSPECTIVE, *_FISHEYE):
        raise ValueError(f"its lens is {named or other}, and only perspective and fisheye lenses are read")
    k1, k2, k3, k4, k5, k6, p1, p2 = (float(frame.get(key) or 0.0) for key in _DISTORTION)
    if named in _FISHEYE or frame.get("is_fisheye"):
        if p1 or p2 or k5 or k6:
            raise ValueError("its fisheye lens has p1, p2, k5 or k6, which no fisheye model here has")
        return "OPENCV_FISHEYE", (k1, k2, k3, k4)
    if k3 or k4 or k5 or k6:
        return "FULL_OPENCV", (k1, k2, p1, p2, k3, k4, k5, k6)
    return ("OPENCV", (k1, k2, p1, p2)) if k1 or k2 or p1 or p2 else ("PINHOLE", ())
