"""Find the triangles of a Delaunay triangulation that hold given places, and the places' barycentric coordinates.

SciPy's own search first inverts a matrix for every triangle by LAPACK, which takes longer than all the rest of a relief.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
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

        A visibility walk (Devillers, Pion and Teillaud 2002), all places at once: each step crosses the side that a place lies
        farthest beyond.
        """
        found = np.full(len(places), -1, np.int64)
        weights = np.zeros((len(places), 3))
        rows, columns = self.start.shape
        column, row = np.floor((places - self.lowest) * self.cells_per_px).astype(np.int64).T
        at = self.start[np.clip(row, 0, rows - 1), np.clip(column, 0, columns - 1)]
        walking = np.arange(len(places))
        for _ in range(_STEPS):
            here = self._coordinates(at, places[walking])
            side = here.argmin(1)
            inside = here[np.arange(len(here)), side] >= -_TOUCHING
            found[walking[inside]], weights[walking[inside]] = at[inside], here[inside]
            following = self.neighbours[at, side]
            going = ~inside & (following >= 0)
            walking, at = walking[going], following[going]
            if not len(walking):
                return found, weights
        for place in walking:  # degenerate triangles lead in circles
            here = self._coordinates(np.arange(len(self.origin)), places[place])
            least = np.nan_to_num(here.min(1), nan=-np.inf)
            best = int(least.argmax())
            if least[best] >= -_TOUCHING:
                found[place], weights[place] = best, here[best]
        return found, weights

    def _coordinates(self, triangles: NDArray[np.int64], places: NDArray[np.float64]) -> NDArray[np.float64]:
        away = places - self.origin[triangles]
        first = (away * self.to_first[triangles]).sum(1)
        second = (away * self.to_second[triangles]).sum(1)
        return np.column_stack([first, second, 1 - first - second])


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
        origin=three,
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
