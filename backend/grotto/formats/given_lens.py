"""Lenses in COLMAP's words.

The models are those of COLMAP (src/colmap/sensor/models.h): SIMPLE_PINHOLE f cx cy; PINHOLE fx fy cx cy; SIMPLE_RADIAL
f cx cy k1; RADIAL f cx cy k1 k2; OPENCV fx fy cx cy k1 k2 p1 p2; OPENCV_FISHEYE fx fy cx cy k1 k2 k3 k4; FULL_OPENCV fx fy cx
cy k1 k2 p1 p2 k3 k4 k5 k6. Pixels: the top left pixel's centre is at (0.5, 0.5).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..contract import bad_input
from .photo_names import MOST_PIXELS

_MOST_FOCAL = 1e9  # px; beyond, sight lines are parallel

LENGTHS = {
    "SIMPLE_PINHOLE": (1, 3),
    "PINHOLE": (2, 4),
    "SIMPLE_RADIAL": (1, 4),
    "RADIAL": (1, 5),
    "OPENCV": (2, 8),
    "OPENCV_FISHEYE": (2, 8),
    "FULL_OPENCV": (2, 12),
    "SIMPLE_RADIAL_FISHEYE": (1, 4),
    "RADIAL_FISHEYE": (1, 5),
}
"""By model: how many focal lengths it begins with, and how many numbers it has."""


@dataclass(frozen=True, kw_only=True)
class GivenLens:
    """A camera's pixels. Plain numbers, so that artefacts can hold it."""

    model: str  # one of LENGTHS
    width: int
    height: int
    params: tuple[float, ...]

    def resized(self, width: int, height: int) -> GivenLens:
        """The same lens before a picture of another size; the picture's corners stay where they are."""
        across, down = width / self.width, height / self.height
        focals, _ = LENGTHS[self.model]
        scales = [across] * 1 + [down] * (focals - 1) + [across, down]
        params = [value * scale for value, scale in zip(self.params, scales, strict=False)]
        return GivenLens(model=self.model, width=width, height=height, params=(*params, *self.params[len(scales) :]))

    def turned(self, orientation: int) -> GivenLens:
        """The same lens before its picture made upright by EXIF orientation 3, 6 or 8 (see `turn_of`).

        The tangential terms of COLMAP's models move a point x by 2 (t x) x + |x|^2 t with t = (p2, p1), so t turns as x does.
        """
        (a, b), (c, d) = turn_of(orientation)[:2, :2]
        focals, _ = LENGTHS[self.model]
        focal, (centre_x, centre_y), rest = self.params[:focals], self.params[focals : focals + 2], self.params[focals + 2 :]
        x, y = centre_x - self.width / 2, centre_y - self.height / 2
        quarter = orientation in (6, 8)
        width, height = (self.height, self.width) if quarter else (self.width, self.height)
        centre = (width / 2 + a * x + b * y, height / 2 + c * x + d * y)
        if self.model in ("OPENCV", "FULL_OPENCV"):
            k1, k2, p1, p2 = rest[:4]
            rest = (k1, k2, c * p2 + d * p1, a * p2 + b * p1, *rest[4:])
        params = (*(focal[::-1] if quarter else focal), *centre, *rest)
        return GivenLens(model=self.model, width=width, height=height, params=tuple(float(value) for value in params))


def turn_of(orientation: int) -> NDArray[np.float64]:
    """(4, 4) camera_from_camera: from a stored picture's camera axes to those of the picture made upright (Exif 2.32, 0x0112).

    3 is half a turn, 6 a quarter clockwise, 8 a quarter anticlockwise. Raises KeyError for the mirrored ones, which are no turn.
    """
    cosine, sine = {1: (1, 0), 3: (-1, 0), 6: (0, 1), 8: (0, -1)}[orientation]
    turn = np.eye(4)
    turn[:2, :2] = [[cosine, -sine], [sine, cosine]]
    return turn


def checked_lens(lens: GivenLens, photo: str) -> GivenLens:
    """The lens as given. Raises bad input, with the photo's name, where it cannot be one."""
    focals, count = LENGTHS[lens.model]
    if len(lens.params) != count or not all(math.isfinite(value) for value in lens.params):
        raise bad_input(
            f"the lens of {photo} holds a number that is not finite (NaN), or too few", "correct it, or take the frame out"
        )
    within = all(abs(value) <= _MOST_FOCAL for value in lens.params) and max(lens.width, lens.height) <= MOST_PIXELS
    if min(lens.params[:focals]) <= 0 or min(lens.width, lens.height) <= 0 or not within:
        raise bad_input(f"the lens of {photo} has no focal length or no size", "correct it, or take the frame out")
    return lens
