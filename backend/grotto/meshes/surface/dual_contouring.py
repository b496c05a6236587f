"""Dual contouring of Hermite data (Ju et al. 2002): sharp edges and corners stay sharp."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import map_coordinates

from ...contract import bad_input
from ...formats import Mesh
from .dual_cells import CORNERS, EDGES, DualCells, dual_cells

Sample = Callable[[NDArray[np.float64]], NDArray[np.floating]]

_BISECTIONS = 16
_FLAT = 0.1  # of the largest eigenvalue: directions below it are not decided by normals (Ju et al. 2002, section 3.3)


def dual_contour(
    values: NDArray[np.floating],
    lowest: NDArray[np.floating],
    step: float,
    level: float,
    *,
    sample: Sample | None = None,
    difference: float = 1e-4,
) -> Mesh:
    """The surface on which values (nx, ny, nz) are `level`, higher inside, one vertex for each patch of surface in a cell.

    `lowest` (3,) is the place of values[0, 0, 0]. `sample` gives the field at points (n, 3) in the world: crossings and
    normals are then exact and edges sharp; without it both come from the grid, which rounds edges by about a step.
    `difference`, in steps, is the spacing of its gradient's differences. What is inside at the border ends half a step
    beyond it. Each vertex lies where the squared distances to the planes of its crossings are least, within its cell.
    Raises a bad-input problem where there is no surface or values are no numbers.
    """
    if values.ndim != 3 or min(values.shape) < 2:
        raise ValueError(f"values {values.shape} must have three dimensions of two or more")
    if not np.isfinite(values).all():
        raise bad_input("the field has values that are no numbers", "fit it again with another seed or fewer steps")
    grid = np.pad(values.astype(np.float64) - level, 1, mode="edge")
    for axis in range(3):
        rows = np.moveaxis(grid, axis, 0)
        rows[0], rows[-1] = -np.abs(rows[0]), -np.abs(rows[-1])
    dual = dual_cells(grid)
    if not len(dual.cells):
        raise bad_input("the field has no surface", "give it more steps, or look at its pictures: nothing may be in them")
    origin = np.asarray(lowest, np.float64) - step
    # Beyond the border the field is not asked: there the padded values decide.
    asked = None if sample is None else (lambda at: np.asarray(sample(origin + step * at), np.float64) - level)
    points, normals, owner = _hermite(grid, dual, asked, difference)
    vertices = _least_squares(points, normals, owner, dual)
    return Mesh(vertices=(origin + step * vertices).astype(np.float32), faces=_halved(dual.quads, vertices).astype(np.int32))


def _hermite(
    grid: NDArray[np.float64], dual: DualCells, sample: Sample | None, difference: float
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int64]]:
    """Crossings (n, 3) and normals (n, 3) in grid steps, and the vertex that each belongs to; edges once for each cell."""
    cell, edge = np.nonzero(dual.patch >= 0)
    start = dual.index[cell] + CORNERS[EDGES[edge, 0]]
    end = dual.index[cell] + CORNERS[EDGES[edge, 1]]
    edges, place = np.unique(np.concatenate([start, end], axis=1), axis=0, return_inverse=True)
    one, two = edges[:, :3].astype(np.float64), edges[:, 3:].astype(np.float64)
    a, b = grid[tuple(edges[:, :3].T)], grid[tuple(edges[:, 3:].T)]
    points = one + (a / (a - b))[:, None] * (two - one)
    normals = _grid_gradient(grid, points)
    if sample is not None:
        within = ((edges >= 1) & (edges <= np.tile(np.array(grid.shape) - 2, 2))).all(axis=1)
        if within.any():
            points[within] = _crossings(sample, one[within], two[within], a[within] > 0)
            normals[within] = _gradient(sample, points[within], difference)
    length = np.linalg.norm(normals, axis=1, keepdims=True)
    normals = np.where(length > 1e-12, normals / np.maximum(length, 1e-12), two - one)
    place = place.reshape(-1)
    return points[place], normals[place], dual.patch[cell, edge]


def _crossings(
    sample: Sample, one: NDArray[np.float64], two: NDArray[np.float64], inside: NDArray[np.bool_]
) -> NDArray[np.float64]:
    low, high = np.zeros((len(one), 1)), np.ones((len(one), 1))
    for _ in range(_BISECTIONS):
        middle = 0.5 * (low + high)
        same = ((sample(one + middle * (two - one)) > 0) == inside)[:, None]
        low, high = np.where(same, middle, low), np.where(same, high, middle)
    return np.asarray(one + 0.5 * (low + high) * (two - one))


def _gradient(sample: Sample, points: NDArray[np.float64], difference: float) -> NDArray[np.float64]:
    shifts = difference * np.eye(3)
    return np.stack([sample(points + shift) - sample(points - shift) for shift in shifts], axis=1)


def _grid_gradient(grid: NDArray[np.float64], points: NDArray[np.float64]) -> NDArray[np.float64]:
    slopes = np.gradient(grid)
    return np.stack([map_coordinates(slope, points.T, order=1, mode="nearest") for slope in slopes], axis=1)


def _least_squares(
    points: NDArray[np.float64], normals: NDArray[np.float64], owner: NDArray[np.int64], dual: DualCells
) -> NDArray[np.float64]:
    """(vertices, 3) places that minimise the squared distances to planes, from the crossings' mean where they do not say."""
    count = np.bincount(owner, minlength=dual.vertices)[:, None]
    mean = np.stack([np.bincount(owner, points[:, axis], dual.vertices) for axis in range(3)], axis=1) / count
    distance = (normals * (points - mean[owner])).sum(axis=1)
    matrix, right = np.zeros((dual.vertices, 3, 3)), np.zeros((dual.vertices, 3))
    for a in range(3):
        right[:, a] = np.bincount(owner, normals[:, a] * distance, dual.vertices)
        for b in range(3):
            matrix[:, a, b] = np.bincount(owner, normals[:, a] * normals[:, b], dual.vertices)
    scale, axes = np.linalg.eigh(matrix)
    decided = scale > _FLAT * scale[:, -1:]
    along = np.einsum("nba,nb->na", axes, right) * np.where(decided, 1 / np.where(decided, scale, 1), 0)
    shift = np.einsum("nba,na->nb", axes, along)
    lowest = np.zeros((dual.vertices, 3))
    cell, edge = np.nonzero(dual.patch >= 0)
    lowest[dual.patch[cell, edge]] = dual.index[cell]
    placed = mean + shift
    outside = ((placed < lowest - 1e-9) | (placed > lowest + 1 + 1e-9)).any(axis=1)
    return np.where(outside[:, None], np.clip(placed, lowest, lowest + 1), placed)


def _halved(quads: NDArray[np.int64], vertices: NDArray[np.float64]) -> NDArray[np.int64]:
    """Two triangles for each quad, by the diagonal along which they fold least."""
    corners = vertices[quads]

    def fold(first: int) -> NDArray[np.float64]:
        """Cosine between the two triangles when cut from corner `first`."""
        a, b, c, d = (corners[:, (first + step) % 4] for step in range(4))
        one, two = np.cross(b - a, c - a), np.cross(c - a, d - a)
        length = np.linalg.norm(one, axis=1) * np.linalg.norm(two, axis=1)
        return np.asarray((one * two).sum(axis=1) / np.maximum(length, 1e-30))

    other = fold(1) > fold(0) + 1e-9
    straight = quads[:, [0, 1, 2, 0, 2, 3]].reshape(-1, 2, 3)
    crossed = quads[:, [1, 2, 3, 1, 3, 0]].reshape(-1, 2, 3)
    return np.where(other[:, None, None], crossed, straight).reshape(-1, 3)
