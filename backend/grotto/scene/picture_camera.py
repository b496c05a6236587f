"""The camera that sees an object as a flat picture of it does, straight on, and the picture in the same square."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from .camera import Camera, look_at

Array32 = NDArray[np.float32]

_FAR = 400.0  # of the picture's longer side: a camera that far away is nearly orthographic


def picture_camera(size: tuple[int, int], scale_px_per_m: float, origin_px: tuple[float, float], side_px: int) -> Camera:
    """The camera for a square of `side_px` in which a whole picture of `size` (width, height) px is fitted and centred.

    The picture lies in the plane y = 0 and is seen from -y. origin_px: where x = 0 and z = 0 are in the picture.
    """
    width, height = size
    left, top, across, down = _fitted(size, side_px)
    distance = _FAR * max(width, height) / scale_px_per_m
    focal = distance * scale_px_per_m
    return Camera(
        camera_from_world=look_at(np.array([0.0, -distance, 0.0]), np.zeros(3)),
        focal_x=focal * across / width,
        focal_y=focal * down / height,
        centre_x=origin_px[0] * across / width + left,
        centre_y=origin_px[1] * down / height + top,
        width=side_px,
        height=side_px,
    )


def picture_over_white(colour: Array32, alpha: Array32, side_px: int) -> Array32:
    """(side, side, 3) a whole picture (h, w, 3) with its opacity (h, w) over white, fitted and centred in a square."""
    height, width = alpha.shape
    left, top, across, down = _fitted((width, height), side_px)
    over = colour * alpha[..., None] + (1 - alpha[..., None])
    square = np.ones((side_px, side_px, 3), np.float32)
    square[top : top + down, left : left + across] = cv2.resize(over, (across, down), interpolation=cv2.INTER_AREA)
    return square


def _fitted(size: tuple[int, int], side_px: int) -> tuple[int, int, int, int]:
    """Left, top, width and height of a picture that is fitted into a square."""
    scale = side_px / max(size)
    across, down = max(1, round(size[0] * scale)), max(1, round(size[1] * scale))
    return (side_px - across) // 2, (side_px - down) // 2, across, down
