"""Triangles over a height map: a sheet with one height for every place, so its texture is a plain projection."""

from __future__ import annotations

import math
from dataclasses import dataclass

import fast_simplification
import numpy as np
from numpy.typing import NDArray

from ..contract import Progress
from ..formats import RasterGrid
from .height_map import HeightSurface

_MOST_NODES = 1_500_000
_GENTLE = 3.0  # fast-simplification's aggressiveness: low keeps the shape, higher ones only where that misses the budget
_FIRM = 7.0
_LEAST_AREA = 1e-6  # of a grid cell, seen straight on: thinner faces are dropped


@dataclass(frozen=True)
class Sheet:
    """Vertices (n, 3) in units, wall frame; faces (m, 3), counter-clockwise seen from negative y, where the cameras are."""

    vertices: NDArray[np.float64]
    faces: NDArray[np.int64]


def grid_sheet(surface: HeightSurface, nodes_along: int, nodes_up: int) -> Sheet:
    """A regular sheet of nodes over the whole map, border to border; nodes of unknown height are cut away.

    A cell with three known corners keeps half of itself, so that slanting borders are less stepped.
    """
    grid = surface.grid
    x = np.linspace(grid.x_min + grid.pixel / 2, grid.x_min + (grid.width - 0.5) * grid.pixel, nodes_along)
    z = np.linspace(grid.z_max - grid.pixel / 2, grid.z_max - (grid.height - 0.5) * grid.pixel, nodes_up)
    known = surface.is_known(x[None, :], z[:, None])
    y = surface(x[None, :], z[:, None])
    number = np.arange(nodes_along * nodes_up).reshape(nodes_up, nodes_along)
    a, b = number[:-1, :-1].ravel(), number[:-1, 1:].ravel()  # upper left, upper right
    c, d = number[1:, :-1].ravel(), number[1:, 1:].ravel()  # lower left, lower right
    good = known.ravel()
    # The diagonal from c to b, or from a to d where only that leaves a triangle of known corners.
    other = ~good[b] | ~good[c]
    first = np.where(other[:, None], np.stack([c, d, a], 1), np.stack([c, b, a], 1))
    second = np.where(other[:, None], np.stack([d, b, a], 1), np.stack([c, d, b], 1))
    faces = np.concatenate([first, second])
    faces = faces[good[faces].all(1)]
    vertices = np.stack(np.broadcast_arrays(x[None, :], y, z[:, None]), axis=-1).reshape(-1, 3).astype(np.float64)
    return _used(vertices, faces)


def fitting_sheet(surface: HeightSurface, budget: int, report: Progress) -> Sheet:
    """The sheet with at most `budget` faces that keeps border and relief best; two faces at the least."""
    along, up = surface.grid.width, surface.grid.height
    shrink = min(1.0, math.sqrt(_MOST_NODES / (along * up)))
    while True:
        report.check()
        along, up = max(2, round(along * shrink)), max(2, round(up * shrink))
        sheet = _decimated(grid_sheet(surface, along, up), surface.grid, budget)
        if len(sheet.faces) <= budget or along * up == 4:
            return sheet
        shrink = 0.5


def _decimated(sheet: Sheet, grid: RasterGrid, budget: int) -> Sheet:
    """The sheet with fewer faces where possible, its border held where the budget allows that."""
    if len(sheet.faces) <= budget:
        return sheet
    # The library's thresholds are absolute, so its unit must be one of the map.
    origin = sheet.vertices.mean(0)
    scaled = (sheet.vertices - origin) / grid.pixel
    # Its cleaning after us may only remove faces, so the budget is kept.
    for hold_border, force in ((True, _GENTLE), (True, _FIRM), (False, _FIRM)):
        vertices, faces = fast_simplification.simplify(
            scaled, sheet.faces.astype(np.int32), target_count=budget, agg=force, preserve_border=hold_border
        )
        if len(faces) <= budget:
            break
    return _upright(Sheet(vertices * grid.pixel + origin, faces.astype(np.int64)), grid)


def _upright(sheet: Sheet, grid: RasterGrid) -> Sheet:
    """The sheet without faces that are degenerate or look away from the cameras."""
    area = facing_area(sheet)
    return _used(sheet.vertices, sheet.faces[area > _LEAST_AREA * grid.pixel**2])


def facing_area(sheet: Sheet) -> NDArray[np.float64]:
    """Area (m,) of each face as the cameras see it from negative y; negative where the face looks away."""
    corners = sheet.vertices[sheet.faces][:, :, (0, 2)]
    one, two = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    return 0.5 * (one[:, 0] * two[:, 1] - one[:, 1] * two[:, 0])


def _used(vertices: NDArray[np.float64], faces: NDArray[np.int64]) -> Sheet:
    kept, index = np.unique(faces, return_inverse=True)
    return Sheet(vertices[kept], index.reshape(faces.shape).astype(np.int64))


def vertex_normals(sheet: Sheet) -> NDArray[np.float32]:
    """Unit normals (n, 3), the faces' normals weighted by their areas."""
    corners = sheet.vertices[sheet.faces]
    cross = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    total = np.zeros_like(sheet.vertices)
    for corner in range(3):
        np.add.at(total, sheet.faces[:, corner], cross)
    length = np.linalg.norm(total, axis=1, keepdims=True)
    return np.where(length > 0, total / np.maximum(length, 1e-300), (0.0, -1.0, 0.0)).astype(np.float32)
