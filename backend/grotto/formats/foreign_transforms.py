"""Cameras of others as transforms.json: NeRF's (2020), instant-ngp's and nerfstudio's manner alike.

`transform_matrix` is world_from_camera with OpenGL camera axes. Intrinsics stand at the top, in each frame, or in both (the
frame's win): fl_x, fl_y, cx, cy, w, h and distortion k1 to k6, p1, p2, or `camera_angle_x` and `camera_angle_y`, the fields of
view in radians. Without w and h the photo's own size holds.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np

from ..contract import bad_input, malformed_as_bad_input, parse_json, plain_line
from .given_cameras import GivenCamera, checked_transform
from .given_lens import GivenLens, checked_lens
from .partial_lens import PartialLens
from .photo_names import checked_name, checked_pixels, refuse_too_many
from .plain_numbers import finite, rows_of_numbers

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
_NAMED = 20  # of the keys that are not used
_OFF_THE_MIDDLE = 1.67  # a principal point at more than this times, or less than 1 / this of half the size, is of another picture


def read_foreign_transforms(path: Path) -> list[GivenCamera]:
    """Every frame of the document, whether its photo is there or not.

    Raises bad input where the file is no such document, and, with the frame's name, where a camera is not finite, no camera, or
    of a kind that is not read.
    """
    shared, frames = _read(path)
    return [_camera({**shared, **frame}, number) for number, frame in enumerate(frames, start=1)]


def remarks_on_transforms(path: Path) -> list[str]:
    """What the document holds that is not used or contradicts itself, in sentences for the user."""
    shared, frames = _read(path)
    said = []
    given = (item for part in (shared, *frames) for item in part.items())
    unused = dict.fromkeys(plain_line(key) for key, value in given if key not in _USED and value not in (None, []))
    if unused:
        names = list(unused)[:_NAMED]
        more = f" and {len(unused) - _NAMED} more" if len(unused) > _NAMED else ""
        said.append(f"{path.name} also gives {', '.join(names)}{more}: not used")
    with malformed_as_bad_input(f"the document {path.name} cannot be read", _REMEDY):
        shared = {key: value for key, value in shared.items() if key in _USED}
        wrong = [str(frame.get("file_path")) for frame in frames if _contradicts(_numbers({**shared, **frame}))]
    if wrong:
        said.append(
            f"w and h of {len(wrong)} frames in {path.name} do not fit cx and cy ({wrong[0]}): the photo's size is used instead"
        )
    return said


def _read(path: Path) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """What stands at the top of the document, the frames left out, and the frames."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise bad_input(f"the document {path.name} cannot be read ({error})", _REMEDY) from error
    with malformed_as_bad_input(f"the document {path.name} cannot be read", _REMEDY):
        document = parse_json(data)
        frames = document.get("frames") if isinstance(document, dict) else None
        if not isinstance(frames, list) or not frames or not all(isinstance(frame, dict) for frame in frames):
            raise bad_input(f"the document {path.name} lists no frames", _REMEDY)
        refuse_too_many(len(frames))
        return {key: value for key, value in document.items() if key != "frames"}, frames


def _camera(frame: dict[str, Any], number: int) -> GivenCamera:
    photo, mask = frame.get("file_path"), frame.get("mask_path") or ""
    if not isinstance(photo, str) or not photo:
        raise bad_input(f"frame {number} names no photo (file_path)", _REMEDY)
    if not isinstance(mask, str):
        raise bad_input(f"the mask_path of {photo} is no path", _REMEDY)
    with malformed_as_bad_input(f"the camera of {plain_line(photo)} cannot be read", _REMEDY):
        checked_name(photo, "its file_path")
        if mask:
            checked_name(mask, "its mask_path")
        lens = _lens(frame, photo)
        world_from_camera = checked_transform(rows_of_numbers(frame["transform_matrix"]), photo) @ _FLIP
        camera_from_world = np.asarray(np.linalg.inv(world_from_camera), np.float64)
        return GivenCamera(photo=photo, lens=lens, camera_from_world=camera_from_world, mask=mask)


def _numbers(frame: dict[str, Any]) -> dict[str, float]:
    """The intrinsics that the frame gives. Raises ValueError where one is no number, or not finite."""
    return {key: finite(frame[key], key) for key in (*_SIZE, *_FOCAL, "cx", "cy") if frame.get(key) is not None}


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
    width, height = (checked_pixels(numbers[key], key) for key in _SIZE)
    whole = PartialLens(**{**vars(partial), "centre_x": 0.0, "centre_y": 0.0}).completed(width, height, photo)
    focals = len(whole.params) - 2 - len(distortion)
    centre = (numbers.get("cx", width / 2), numbers.get("cy", height / 2))
    lens = GivenLens(model=model, width=width, height=height, params=(*whole.params[:focals], *centre, *distortion))
    return checked_lens(lens, photo)


def _check_focal(numbers: dict[str, float], photo: str) -> None:
    """Raise ValueError where no focal length can be had, bad input where one is none."""
    focals = [numbers[key] for key in ("fl_x", "fl_y") if key in numbers]
    angles = [numbers[key] for key in _ANGLES if key in numbers]
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
    k1, k2, k3, k4, k5, k6, p1, p2 = (finite(frame.get(key) or 0.0, key) for key in _DISTORTION)
    if named in _FISHEYE or frame.get("is_fisheye"):
        if p1 or p2 or k5 or k6:
            raise ValueError("its fisheye lens has p1, p2, k5 or k6, which no fisheye model here has")
        return "OPENCV_FISHEYE", (k1, k2, k3, k4)
    if k3 or k4 or k5 or k6:
        return "FULL_OPENCV", (k1, k2, p1, p2, k3, k4, k5, k6)
    return ("OPENCV", (k1, k2, p1, p2)) if k1 or k2 or p1 or p2 else ("PINHOLE", ())
