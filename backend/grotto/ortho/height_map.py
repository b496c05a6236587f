"""The wall's relief: heights in mm on a regular grid."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from ..formats import Artefact, RasterGrid, read_float_tiff


@dataclass(frozen=True, kw_only=True)
class HeightMap(Artefact):
    """Height towards the cameras, -y * 1000: mm where metric, else thousandths of a unit. NaN where nothing is known."""

    file: str  # float32 GeoTIFF, relative
    x_min: float  # outer corner of the top left pixel, in units
    z_max: float
    step: float  # pixel size, in units
    width: int
    height: int
    metric: bool

    @property
    def grid(self) -> RasterGrid:
        return RasterGrid(x_min=self.x_min, z_max=self.z_max, pixel=self.step, width=self.width, height=self.height)

    def read_heights(self) -> NDArray[np.float32]:
        """Heights (height, width) float32 in mm, first row at the top."""
        return read_float_tiff(self.folder / self.file)[1]


class HeightSurface:
    """y of the wall at any (x, z), bilinear between height samples; unknown places take the nearest known height."""

    def __init__(self, grid: RasterGrid, heights_mm: NDArray[np.float32]) -> None:
        self.grid = grid
        self.known = np.isfinite(heights_mm)
        self._y = (fill_with_nearest(heights_mm) / -1000.0).astype(np.float32)

    @classmethod
    def read(cls, height: HeightMap) -> HeightSurface:
        return cls(height.grid, height.read_heights())

    def __call__(self, x: NDArray[np.floating], z: NDArray[np.floating]) -> NDArray[np.float32]:
        """y in units at (x, z), any common shape of one or two axes."""
        column, row = self._pixels(x, z)
        values: NDArray[np.float32] = cv2.remap(self._y, column, row, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE).astype(
            np.float32, copy=False
        )
        return values.reshape(np.broadcast(x, z).shape)

    def is_known(self, x: NDArray[np.floating], z: NDArray[np.floating]) -> NDArray[np.bool_]:
        """Whether (x, z) lies on a pixel of the map whose height is known."""
        column, row = self._pixels(x, z)
        inside = cv2.remap(self.known.astype(np.uint8), column, row, cv2.INTER_NEAREST, borderValue=(0,))
        return inside.reshape(np.broadcast(x, z).shape) > 0

    def _pixels(self, x: NDArray[np.floating], z: NDArray[np.floating]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        x, z = np.broadcast_arrays(x, z)
        column = ((x - self.grid.x_min) / self.grid.pixel - 0.5).astype(np.float32)
        row = ((self.grid.z_max - z) / self.grid.pixel - 0.5).astype(np.float32)
        return np.atleast_2d(column), np.atleast_2d(row)


def fill_with_nearest(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """The map with every NaN replaced by the nearest known value; zero where nothing is known at all."""
    unknown = ~np.isfinite(values)
    if not unknown.any():
        return values
    if unknown.all():
        return np.zeros_like(values)
    index = ndimage.distance_transform_edt(unknown, return_distances=False, return_indices=True)
    return values[tuple(index)]
