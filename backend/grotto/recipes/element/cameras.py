"""From where an element is looked at: round it for previews, and straight from before, as its picture shows it."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ...scene import Camera, look_at
from .cut import CutElement

Array32 = NDArray[np.float32]

_FAR = 400.0  # of the element's size: a camera that far away sees as the picture does, straight on
_RISE = 0.1  # radians: previews look a little down


def preview_camera(points: NDArray[np.floating], side_px: int, turn_deg: float) -> tuple[Camera, NDArray[np.float64]]:
    """A camera that sees all points (n, 3) from `turn_deg` to the right of the element's front, and the way to it (3,)."""
    lowest, highest = points.min(0), points.max(0)
    middle, size = 0.5 * (lowest + highest), float(np.linalg.norm(highest - lowest))
    turn = np.deg2rad(turn_deg)
    ahead = np.array([np.sin(turn) * np.cos(_RISE), -np.cos(turn) * np.cos(_RISE), np.sin(_RISE)])
    camera = Camera(
        camera_from_world=look_at(middle + 3.2 * size * ahead, middle), focal_x=3.0 * side_px, focal_y=3.0 * side_px,
        centre_x=side_px / 2, centre_y=side_px / 2, width=side_px, height=side_px,
    )  # fmt: skip
    return camera, ahead


def as_painted(
    cut: CutElement, alpha: Array32, scale_px_per_m: float, origin_px: tuple[float, float], side_px: int
) -> tuple[Camera, Array32]:
    """The camera that sees an element as its picture does, the whole picture in a square; the cut-out there, over white.

    alpha (h, w): what of the picture is shown. scale_px_per_m, origin_px: of the picture, the latter where x = 0 and z = 0 lie.
    """
    scale = side_px / max(cut.width, cut.height)
    over = cut.colour() * alpha[..., None] + (1 - alpha[..., None])
    size = (max(1, round(cut.width * scale)), max(1, round(cut.height * scale)))
    shown = np.ones((side_px, side_px, 3), np.float32)
    left, top = (side_px - size[0]) // 2, (side_px - size[1]) // 2
    shown[top : top + size[1], left : left + size[0]] = cv2.resize(over, size, interpolation=cv2.INTER_AREA)
    away = _FAR * max(cut.width, cut.height) / scale_px_per_m
    focal = away * scale_px_per_m
    camera = Camera(
        camera_from_world=look_at(np.array([0.0, -away, 0.0]), np.zeros(3)),
        focal_x=focal * size[0] / cut.width, focal_y=focal * size[1] / cut.height,
        centre_x=origin_px[0] * size[0] / cut.width + left, centre_y=origin_px[1] * size[1] / cut.height + top,
        width=side_px, height=side_px,
    )  # fmt: skip
    return camera, shown
