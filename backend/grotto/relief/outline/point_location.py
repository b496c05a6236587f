"""Find the triangles of a Delaunay triangulation that hold given places, and the places' barycentric coordinates.

SciPy's own search first inverts a matrix for every triangle by LAPACK, which takes longer than all the rest of a relief.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt
from scipy.spatial import Delaunay

_TOUCHING = 100 * np.finfo(np.float64).eps  # of a barycentric coordinate: as far outside, a place still counts as inside
_STEPS = 200  # of a walk; a Delaunay triangulation without degenerate triangles needs far fewer


@dataclass(frozen=True)
class PointLocator:
    """Affine maps of all triangles, and a grid of triangles to start from."""

    neighbours: NDArray[np.int64]  # (m, 3) the triangle opposite each corner, -1 at the border
    origin: NDArray[np.float64]  # (m, 2) the third corner
    to_first: NDArray[np.float64]  # (m, 2) times the offset from the origin: the first barycentric coordinate
    to_second: NDArray[np.float64]  # (m, 2) likewise the second
    lowest: NDArray[np.float64]  # (2,) corner of the grid
    cells_per_px: NDArray[np.float64]  # (2,)
    start: NDArray[np.int64]  # (rows, columns) a triangle in or near each cell

    def locate(self, places: NDArray[np.float64]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Triangles (k,) that hold places (k, 2), -1 where none does, and barycentric coordinates (k, 3) there.

        A visibility walk (Devillers, Pion and Teillaud 2002): each step crosses the side that a place lies farthest beyond.
        """
        places = np.ascontiguousarray(places, np.float64)
        found, weights = np.full(len(places), -1, np.int64), np.zeros((len(places), 3))
        grid = self.start, self.lowest, self.cells_per_px
        _walk(places, grid, self.neighbours, self.origin, self.to_first, self.to_second, found, weights)
        return found, weights


@njit(cache=True)
def _walk(places, grid, neighbours, origin, to_first, to_second, found, weights):  # type: ignore[no-untyped-def]  # compiled
    start, lowest, cells_per_px = grid
    rows, columns = start.shape
    here = np.empty(3)
    for place in range(len(places)):
        x, y = places[place]
        row = min(max(int(np.floor((y - lowest[1]) * cells_per_px[1])), 0), rows - 1)
        column = min(max(int(np.floor((x - lowest[0]) * cells_per_px[0])), 0), columns - 1)
        at, step = start[row, column], 0
        while at >= 0 and step < _STEPS:
            side = _coordinates(at, x, y, origin, to_first, to_second, here)
            if here[side] >= -_TOUCHING:
                found[place], weights[place] = at, here
                break
            at, step = neighbours[at, side], step + 1
        if step < _STEPS:
            continue
        most = -_TOUCHING
        for at in range(len(origin)):  # degenerate triangles lead in circles
            side = _coordinates(at, x, y, origin, to_first, to_second, here)
            if here[side] >= most:
                found[place], weights[place], most = at, here, here[side]


@njit(cache=True)
def _coordinates(at, x, y, origin, to_first, to_second, here):  # type: ignore[no-untyped-def]
    """Barycentric coordinates of a place, written to `here`, and which is least: not a number in triangles without area."""
    away_x, away_y = x - origin[at, 0], y - origin[at, 1]
    here[0] = away_x * to_first[at, 0] + away_y * to_first[at, 1]
    here[1] = away_x * to_second[at, 0] + away_y * to_second[at, 1]
    here[2] = 1 - here[0] - here[1]
    least = 0
    for side in range(3):
        if np.isnan(here[side]):
            return side
        if here[side] < here[least]:
            least = side
    return least


def point_locator(delaunay: Delaunay) -> PointLocator:
    """Prepare the search of a triangulation of the plane."""
    one, two, three = np.moveaxis(delaunay.points[delaunay.simplices], 1, 0)
    first, second = one - three, two - three
    double = first[:, 0] * second[:, 1] - first[:, 1] * second[:, 0]
    scale = 1 / np.where(double == 0, np.nan, double)[:, None]  # a triangle without area holds no place
    lowest, highest = delaunay.points.min(0), delaunay.points.max(0)
    cells = np.maximum(1, np.ceil((highest - lowest) * np.sqrt(len(double) / max(float(np.prod(highest - lowest)), 1e-12))))
    cells_per_px = cells / np.maximum(highest - lowest, 1e-12)
    return PointLocator(
        neighbours=delaunay.neighbors.astype(np.int64),
        origin=np.ascontiguousarray(three),
        to_first=np.column_stack([second[:, 1], -second[:, 0]]) * scale,
        to_second=np.column_stack([-first[:, 1], first[:, 0]]) * scale,
        lowest=lowest,
        cells_per_px=cells_per_px,
        start=_start_grid((one + two + three) / 3, lowest, cells_per_px, (int(cells[1]), int(cells[0]))),
    )


def _start_grid(
    centres: NDArray[np.float64], lowest: NDArray[np.float64], cells_per_px: NDArray[np.float64], shape: tuple[int, int]
) -> NDArray[np.int64]:
    """For each cell a triangle whose centre (m, 2) lies in it or in the nearest cell that has one."""
    column, row = np.floor((centres - lowest) * cells_per_px).astype(np.int64).T
    start = np.full(shape, -1, np.int64)
    start[np.clip(row, 0, shape[0] - 1), np.clip(column, 0, shape[1] - 1)] = np.arange(len(centres))
    nearest = distance_transform_edt(start < 0, return_distances=False, return_indices=True)
    return np.asarray(start[tuple(nearest)], np.int64)
