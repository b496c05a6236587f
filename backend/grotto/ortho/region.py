"""Which part of the wall is known: where photos look, and where the absence of points says that there is no wall."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from ..contract import Progress
from ..formats import RasterGrid
from .points import WallPoints
from .view import Surface, View

# Parts of a footprint's shorter side. Two photos that see a place find points there if it is wall, so only a narrow
# rim is trusted beyond the points; where a single photo looks no points can exist, and the wall is carried on further.
_RIM_SEEN_TWICE = 0.12
_RIM_SEEN_ONCE = 0.6


def footprint_side(views: list[View], surface: Surface) -> float:
    """The usual shorter side of what a photo sees on the wall, in units."""
    sides = [np.ptp(view.footprint(surface), axis=0).min() for view in views[:: max(1, len(views) // 200)]]
    return float(np.median(sides))


class Footprints:
    """The bounding boxes of what photos see on the wall, to find those over a place. Units."""

    def __init__(self, outlines: list[NDArray[np.floating]]) -> None:
        """`outlines`: (x, z) of each photo's border (n, 2)."""
        self.low = np.array([outline.min(0) for outline in outlines]).reshape(-1, 2)
        self.high = np.array([outline.max(0) for outline in outlines]).reshape(-1, 2)

    def overlapping(self, x_min: float, x_max: float, z_min: float, z_max: float) -> NDArray[np.integer]:
        """Indices of the photos whose box meets this one."""
        apart = (self.low > (x_max, z_max)) | (self.high < (x_min, z_min))
        return np.nonzero(~apart.any(1))[0]


def rows_and_columns(grid: RasterGrid, outline: NDArray[np.floating]) -> tuple[slice, slice]:
    """The part of the grid that holds the bounding box of (x, z) (n, 2)."""
    left, right = (np.array([outline[:, 0].min(), outline[:, 0].max()]) - grid.x_min) / grid.pixel
    top, bottom = (grid.z_max - np.array([outline[:, 1].max(), outline[:, 1].min()])) / grid.pixel
    rows = slice(int(np.clip(np.floor(top), 0, grid.height)), int(np.clip(np.ceil(bottom), 0, grid.height)))
    columns = slice(int(np.clip(np.floor(left), 0, grid.width)), int(np.clip(np.ceil(right), 0, grid.width)))
    return rows, columns


def coverage(views: list[View], grid: RasterGrid, surface: Surface, report: Progress) -> NDArray[np.uint16]:
    """How many photos show the centre of each pixel of the grid (height, width)."""
    counts = np.zeros((grid.height, grid.width), np.uint16)
    for view in views:
        report.check()
        rows, columns = rows_and_columns(grid, view.footprint(surface))
        x = grid.x_centres(columns.start, columns.stop)[None, :]
        z = grid.z_centres(rows.start, rows.stop)[:, None]
        if x.size and z.size:
            column, row = view.project(x, surface(x, z), z)
            inside = (column >= 0) & (column <= view.lens.width) & (row >= 0) & (row <= view.lens.height)
            counts[rows, columns] += inside
    return counts


def known_region(points: WallPoints, counts: NDArray[np.uint16], grid: RasterGrid, side: float) -> NDArray[np.bool_]:
    """Where the height map says something (height, width): near points, inside holes between them, and on its outer rim."""
    column = np.clip(((points.x - grid.x_min) / grid.pixel).astype(int), 0, grid.width - 1)
    row = np.clip(((grid.z_max - points.z) / grid.pixel).astype(int), 0, grid.height - 1)
    empty = np.ones((grid.height, grid.width), bool)
    empty[row, column] = False
    distance = ndimage.distance_transform_edt(empty) * grid.pixel
    near = ndimage.binary_fill_holes(distance <= _RIM_SEEN_TWICE * side)
    once = (counts == 1) & (ndimage.distance_transform_edt(~near) * grid.pixel <= (_RIM_SEEN_ONCE - _RIM_SEEN_TWICE) * side)
    return (near | once) & (counts > 0)
