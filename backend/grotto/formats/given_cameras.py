"""Cameras that somebody else found: a lens in COLMAP's words and where the photo was taken from.

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

_ROTATION_TOLERANCE = 1e-2  # files with few digits; the nearest rotation is taken within it


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


@dataclass(frozen=True, kw_only=True)
class GivenCamera:
    """One frame of a document of cameras."""

    photo: str  # as the document names it: relative to the document or its folder of photos, the extension perhaps left out
    lens: GivenLens | None  # None: only the field of view is known
    angle_x: float  # radians across the picture's width, where `lens` is None
    camera_from_world: NDArray[np.float64]  # (4, 4), OpenCV camera axes

    def lens_of(self, width: int, height: int) -> GivenLens:
        """The lens before a photo of this size.

        Raises bad input where the document describes photos of another shape.
        """
        if self.lens is None:
            focal = 0.5 * width / math.tan(0.5 * self.angle_x)
            return GivenLens(model="SIMPLE_PINHOLE", width=width, height=height, params=(focal, width / 2, height / 2))
        lens = self.lens
        if (lens.width, lens.height) == (width, height):
            return lens
        if abs(lens.width * height - lens.height * width) > 2 * max(width, height, lens.width, lens.height):
            raise bad_input(
                f"the photo {self.photo} has {width} x {height} pixels, its camera {lens.width} x {lens.height}",
                "give the photos that the cameras were found with, neither cropped nor turned",
            )
        return lens.resized(width, height)


def checked_transform(matrix: NDArray[np.float64], photo: str) -> NDArray[np.float64]:
    """A (4, 4) rigid transform as given, its rotation made exact.

    Raises bad input, with the photo's name, for numbers that are not finite and for what is no rotation.
    """
    if matrix.shape == (3, 4):
        matrix = np.vstack([matrix, [0.0, 0.0, 0.0, 1.0]])
    if matrix.shape != (4, 4):
        raise bad_input(f"the camera of {photo} is no 4 x 4 matrix", "correct its transform, or take the frame out")
    if not np.isfinite(matrix).all():
        raise bad_input(
            f"the camera of {photo} holds a number that is not finite (NaN)", "correct its transform, or take the frame out"
        )
    left, _, right = np.linalg.svd(matrix[:3, :3])
    rotation = left @ right
    if np.linalg.det(rotation) < 0 or np.abs(rotation - matrix[:3, :3]).max() > _ROTATION_TOLERANCE:
        raise bad_input(
            f"the camera of {photo} is mirrored, scaled or sheared, not only turned and moved",
            "write the cameras without scale, right-handed",
        )
    exact = np.eye(4)
    exact[:3, :3] = rotation
    exact[:3, 3] = matrix[:3, 3]
    return exact


def checked_lens(lens: GivenLens, photo: str) -> GivenLens:
    """The lens as given. Raises bad input, with the photo's name, where it cannot be one."""
    focals, count = LENGTHS[lens.model]
    if len(lens.params) != count or not all(math.isfinite(value) for value in lens.params):
        raise bad_input(
            f"the lens of {photo} holds a number that is not finite (NaN), or too few", "correct it, or take the frame out"
        )
    if min(lens.params[:focals]) <= 0 or min(lens.width, lens.height) <= 0:
        raise bad_input(f"the lens of {photo} has no focal length or no size", "correct it, or take the frame out")
    return lens
