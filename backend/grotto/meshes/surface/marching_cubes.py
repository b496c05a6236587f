"""The surface of a grid of values, by marching cubes (Lewiner et al. 2003, as scikit-image has it)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from skimage.measure import marching_cubes

from ...contract import bad_input
from ...formats import Mesh

_NEAREST = 1e-3  # of the values' usual distance from the level: no vertex comes nearer than this to a grid point


def surface_of_grid(
    values: NDArray[np.floating], lowest: NDArray[np.floating], step: float, level: float, *, closed: bool = True
) -> Mesh:
    """The surface on which `values` (nx, ny, nz) is `level`; values above it are inside, faces look outwards.

    `lowest` (3,) is the world position of values[0, 0, 0], `step` the distance of neighbours. With `closed`, what is
    inside at the grid's border ends half a step beyond it; otherwise the surface is open there.
    Raises a bad-input problem where values are no numbers or none is inside.
    """
    if values.ndim != 3 or min(values.shape) < 2:
        raise ValueError(f"values {values.shape} must have three dimensions of two or more")
    if not np.isfinite(values).all():
        raise bad_input("the field has values that are no numbers", "fit it again with another seed or fewer steps")
    grid = values.astype(np.float32) - np.float32(level)
    if not (grid > 0).any() or (not closed and not (grid < 0).any()):
        raise bad_input("the field has no surface", "give it more steps, or look at its pictures: nothing may be in them")
    origin = np.asarray(lowest, np.float64)
    if closed:
        grid = np.pad(grid, 1, mode="edge")
        for axis in range(3):
            rows = np.moveaxis(grid, axis, 0)  # a view: the border is mirrored, so that inside ends half a step outside
            rows[0], rows[-1] = -np.abs(rows[0]), -np.abs(rows[-1])
        origin = origin - step
    some = np.abs(grid.reshape(-1)[:: 1 + grid.size // 1_000_000])
    least = float(_NEAREST * np.median(some[some > 0])) if (some > 0).any() else 1.0
    vertices, faces = triangles(grid, least)
    return Mesh(vertices=(origin + step * vertices).astype(np.float32), faces=faces)


def triangles(grid: NDArray[np.float32], least: float) -> tuple[NDArray[np.float64], NDArray[np.int32]]:
    """Vertices (n, 3) in grid steps and faces (m, 3) of the surface on which `grid` is zero, positive inside; it must exist.

    Values nearer to zero than `least` are moved away from it: else several vertices would fall on one grid point.
    """
    small = np.float32(least)
    clear = np.where(np.abs(grid) < small, np.where(grid > 0, small, -small), grid)
    found = marching_cubes(clear, 0.0, gradient_direction="ascent", allow_degenerate=True)  # type: ignore[no-untyped-call]
    return np.asarray(found[0], np.float64), np.asarray(found[1], np.int32)


def in_known_cells(vertices: NDArray[np.float64], faces: NDArray[np.int32], unknown: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """(m,) faces in cells of which all eight corners are known (`unknown` 0)."""
    cell = np.floor(vertices[faces].mean(axis=1)).astype(int)
    known = np.ones(len(faces), bool)
    for corner in range(8):
        at = np.minimum(cell + np.array((corner >> 2, (corner >> 1) & 1, corner & 1)), np.array(unknown.shape) - 1)
        known &= unknown[at[:, 0], at[:, 1], at[:, 2]] == 0
    return known
