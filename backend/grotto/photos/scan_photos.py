"""The photos of a scan: those of a folder, or those of a document that brings their cameras along."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..formats import NO_SHIFT, GivenLens, Shift
from .photo import PhotoSet


@dataclass(frozen=True, kw_only=True)
class PlacedLens:
    """The given camera of one photo. Plain numbers, so that artefacts can hold it."""

    lens: GivenLens  # for the photo's own size
    camera_from_world: tuple[float, ...]  # 16, row by row; OpenCV camera axes
    # Where the photo has an EXIF turn and its shape leaves open whether the camera is that of the stored or of the upright
    # pixels: the other one. Matches decide between the two.
    other: PlacedLens | None = None

    @property
    def matrix(self) -> NDArray[np.float64]:
        """camera_from_world (4, 4)."""
        return np.array(self.camera_from_world).reshape(4, 4)

    @property
    def centre(self) -> NDArray[np.float64]:
        """(3,) where the photo was taken from, in the world."""
        matrix = self.matrix
        return -matrix[:3, :3].T @ matrix[:3, 3]


@dataclass(frozen=True, kw_only=True)
class ScanPhotos(PhotoSet):
    """Photos, and their cameras where these were given."""

    cameras: tuple[PlacedLens, ...] = ()  # one a photo; empty: they are to be found
    world_shift: Shift = NO_SHIFT  # was taken from the given cameras' coordinates, which lie far from their origin

    @property
    def are_placed(self) -> bool:
        """Whether the cameras were given."""
        return bool(self.cameras)
