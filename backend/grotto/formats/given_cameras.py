"""Cameras that somebody else found: a lens and where the photo was taken from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..contract import bad_input
from .given_lens import GivenLens, checked_lens
from .partial_lens import PartialLens

_FARTHEST = 1e12  # units; what lies farther has no digits left for the scene
_ROTATION_TOLERANCE = 1e-2  # files with few digits; the nearest rotation is taken within it
_LAST_ROW_TOLERANCE = 1e-3


@dataclass(frozen=True, kw_only=True)
class GivenCamera:
    """One frame of a document of cameras."""

    photo: str  # as the document names it: relative to the document or its folder of photos, the extension perhaps left out
    lens: GivenLens | PartialLens
    camera_from_world: NDArray[np.float64]  # (4, 4), OpenCV camera axes
    mask: str = ""  # the mask's path as the document names it; black is left out

    def lens_of(self, width: int, height: int) -> GivenLens:
        """The lens before a photo of this size.

        Raises bad input where the document describes photos of another shape.
        """
        if isinstance(self.lens, PartialLens):
            return checked_lens(self.lens.completed(width, height, self.photo), self.photo)
        lens = self.lens
        if (lens.width, lens.height) == (width, height):
            return lens
        if not self.fits(width, height):
            raise bad_input(
                f"the photo {self.photo} has {width} x {height} pixels, its camera {lens.width} x {lens.height}",
                "give the photos that the cameras were found with, neither cropped nor turned",
            )
        return lens.resized(width, height)

    def fits(self, width: int, height: int) -> bool:
        """Whether the lens is of a photo with this shape; a lens without a size is of any."""
        lens = self.lens
        if isinstance(lens, PartialLens):
            return True
        return abs(lens.width * height - lens.height * width) <= 2 * max(width, height, lens.width, lens.height)


def checked_transform(matrix: NDArray[np.float64], photo: str) -> NDArray[np.float64]:
    """A (4, 4) rigid transform as given, its rotation made exact.

    Raises bad input, with the photo's name, for numbers that are not finite, for what is no rotation, and for a matrix that is
    written column by column.
    """
    if matrix.shape == (3, 4):
        matrix = np.vstack([matrix, [0.0, 0.0, 0.0, 1.0]])
    if matrix.shape != (4, 4):
        raise bad_input(f"the camera of {photo} is no 4 x 4 matrix", "correct its transform, or take the frame out")
    if not np.isfinite(matrix).all():
        raise bad_input(
            f"the camera of {photo} holds a number that is not finite (NaN)", "correct its transform, or take the frame out"
        )
    if np.abs(matrix).max() > _FARTHEST:
        raise bad_input(f"the camera of {photo} stands too far away", "correct its transform, or take the frame out")
    if np.abs(matrix[3] - [0.0, 0.0, 0.0, 1.0]).max() > _LAST_ROW_TOLERANCE:
        numbers = ", ".join(f"{value:.6g}" for value in matrix[3])
        raise bad_input(
            f"the matrix of the camera of {photo} ends with the row {numbers} where 0, 0, 0, 1 belongs",
            "write the matrices row by row, each with its translation as the last column",
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
