"""Which part of the wall is known: where photos look, and where the absence of points says that there is no wall."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from ..contract import Progress
from ..formats import RasterGrid
from .points import WallPoints
from .view import PlacedPhoto, Surface

# Parts of a footprint's shorter side. Where three photos or more look at wall, points are found, so only a narrow rim is
# trusted beyond the points; where one or two look, few or no points can exist, and a flat wall is carried on.
_RIM = 0.12
_CARRIED = 0.6
_MANY_PHOTOS = 3
_FAIR_SHARE = 0.01  # of all points: smaller islands are things beside the wall
_FLAT = 0.08  # range of relief, as a part of a footprint's side, up to which a wall is carried on that far


def footprint_side(views: list[PlacedPhoto], surface: Surface) -> float:
    """The usual shorter side of what a photo sees on the wall, in units."""
    sides = [np.ptp(view.footprint(surface), axis=0).min() for view in views[:: max(1, len(views) // 200)]]
    return float(np.median(sides))


class PhotoFootprints:
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


def coverage(views: list[PlacedPhoto], grid: RasterGrid, surface: Surface, report: Progress) -> NDArray[np.uint16]:
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
    """Where the height map says something (height, width): near points, in holes between them, and on the outer rim.

    `side` is the usual shorter side of a footprint, in units.
    """
    column = np.clip(((points.x - grid.x_min) / grid.pixel).astype(int), 0, grid.width - 1)
    row = np.clip(((grid.z_max - points.z) / grid.pixel).astype(int), 0, grid.height - 1)
    empty = np.ones((grid.height, grid.width), bool)
    empty[row, column] = False
    rim = _RIM * side
    near = _large_parts(ndimage.distance_transform_edt(empty) * grid.pixel <= rim, row, column)
    low, high = np.percentile(points.y, [2.5, 97.5])
    flatness = min(1.0, (_FLAT * side / max(float(high - low), 1e-12)) ** 2)
    reach = _CARRIED * side * flatness
    beyond = ndimage.distance_transform_edt(~near) * grid.pixel
    # Only from the wall outwards: sky that one photo shows above sky that many photos show is no wall.
    carried = _touching((counts < _MANY_PHOTOS) & (counts > 0) & (beyond <= reach), near)
    # A pixel more than photos see, so that the orthophoto ends where photos end and not in steps of this grid.
    seen = ndimage.binary_dilation(counts > 0)
    return _without_ragged_edges(near | carried, near, rim / grid.pixel) & seen


def _large_parts(region: NDArray[np.bool_], row: NDArray[np.int64], column: NDArray[np.int64]) -> NDArray[np.bool_]:
    """The connected parts of the region that hold a fair share of the points at (row, column), their holes filled."""
    labels, count = ndimage.label(region)
    points = np.bincount(labels[row, column], minlength=count + 1)
    return ndimage.binary_fill_holes(np.isin(labels, np.nonzero(points >= _FAIR_SHARE * len(row))[0]) & region)


def _touching(region: NDArray[np.bool_], core: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The connected parts of `region` that reach the core or lie beside it."""
    labels, _ = ndimage.label(region | core)
    return region & np.isin(labels, np.unique(labels[core]))


def _without_ragged_edges(region: NDArray[np.bool_], core: NDArray[np.bool_], radius: float) -> NDArray[np.bool_]:
    """The region closed by a disc of `radius` px, then opened by half of it: no narrow inlets, no narrow spits, no holes.

    The core stays whole.
    """
    margin = math.ceil(radius) + 1
    closed = _shrunk(_grown(np.pad(region, margin), radius), radius)
    # Beyond the map the wall goes on, as far as the opening is concerned: its border is no spit.
    opened = _grown(_shrunk(np.pad(closed[margin:-margin, margin:-margin], margin, mode="edge"), radius / 2), radius / 2)
    opened = opened[margin:-margin, margin:-margin]
    return ndimage.binary_fill_holes(_touching(opened, core) | core)


def _grown(region: NDArray[np.bool_], radius: float) -> NDArray[np.bool_]:
    return ndimage.distance_transform_edt(~region) <= radius


def _shrunk(region: NDArray[np.bool_], radius: float) -> NDArray[np.bool_]:
    return ndimage.distance_transform_edt(region) > radius
