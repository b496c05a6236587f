"""The wall's relief: heights in mm on a regular grid."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from ..formats import Artefact, RasterGrid, read_float_tiff
from ..sfm.wall import fit_plane

_OUTLINE = 4  # samples around a part of the map, so that its outline does not depend on how it was cut


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
        """y in units at (x, z), which are broadcast against each other; finite everywhere."""
        column = np.clip((x - self.grid.x_min) / self.grid.pixel - 0.5, 0, self.grid.width - 1)
        row = np.clip((self.grid.z_max - z) / self.grid.pixel - 0.5, 0, self.grid.height - 1)
        left, top = column.astype(np.int64), row.astype(np.int64)
        right, bottom = np.minimum(left + 1, self.grid.width - 1), np.minimum(top + 1, self.grid.height - 1)
        a, b = (column - left).astype(np.float32), (row - top).astype(np.float32)
        y = self._y
        upper = y[top, left] * (1 - a) + y[top, right] * a
        lower = y[bottom, left] * (1 - a) + y[bottom, right] * a
        return upper * (1 - b) + lower * b

    def is_inside(self, x: NDArray[np.floating], z: NDArray[np.floating]) -> NDArray[np.bool_]:
        """Whether (x, z) is known, for all pairs of x (n,) and falling z (m,): (m, n), with a smooth outline."""
        column = ((x - self.grid.x_min) / self.grid.pixel - 0.5).astype(np.float32)
        row = ((self.grid.z_max - z) / self.grid.pixel - 0.5).astype(np.float32)
        left = int(np.clip(column[0] - _OUTLINE, 0, self.grid.width - 1))
        top = int(np.clip(row[0] - _OUTLINE, 0, self.grid.height - 1))
        right, bottom = max(left + 1, int(column[-1]) + _OUTLINE), max(top + 1, int(row[-1]) + _OUTLINE)
        part = np.pad(self.known[top:bottom, left:right].astype(np.float32), _OUTLINE, mode="edge")
        soft = cv2.GaussianBlur(part, (0, 0), 1.0)
        columns, rows = np.meshgrid(column - left + _OUTLINE, row - top + _OUTLINE)
        return cv2.remap(soft, columns, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE) > 0.5

    def is_known(self, x: NDArray[np.floating], z: NDArray[np.floating]) -> NDArray[np.bool_]:
        """Whether (x, z), broadcast against each other, lies on a pixel of the map whose height is known."""
        column = np.floor((x - self.grid.x_min) / self.grid.pixel).astype(np.int64)
        row = np.floor((self.grid.z_max - z) / self.grid.pixel).astype(np.int64)
        inside = (column >= 0) & (column < self.grid.width) & (row >= 0) & (row < self.grid.height)
        return inside & self.known[np.clip(row, 0, self.grid.height - 1), np.clip(column, 0, self.grid.width - 1)]


def fill_with_nearest(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """The map with every NaN replaced by the nearest known value; zero where nothing is known at all."""
    unknown = ~np.isfinite(values)
    if not unknown.any():
        return values
    if unknown.all():
        return np.zeros_like(values)
    index = ndimage.distance_transform_edt(unknown, return_distances=False, return_indices=True)
    return values[tuple(index)]


def flatness_rms(heights: NDArray[np.floating], step: float) -> float:
    """RMS distance of heights (h, w) from their best plane, in their unit; NaN is left out. step: a pixel in that unit."""
    row, column = np.nonzero(np.isfinite(heights))
    points = np.column_stack([column * step, row * step, heights[row, column]]).astype(np.float64)
    normal, offset = fit_plane(points)
    return float(np.sqrt(np.mean((points @ normal - offset) ** 2)))
