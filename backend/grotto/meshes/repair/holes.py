"""Closing holes: each loop's triangulation of least area, without edges that the mesh has already."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from ..topology import border_loops, half_edges

_LONGEST = 240  # sides of a loop that is triangulated with its own vertices only; the time grows with the cube
_NEVER = 1e30


def fill_holes(
    vertices: NDArray[np.float64], faces: NDArray[np.int64], mate: NDArray[np.int64], largest: float
) -> tuple[NDArray[np.int64], list[NDArray[np.int64]], int]:
    """Faces (n, 3) that close the loops whose new faces have no more than `largest` area, and how many loops that were.

    Loops with very many sides, or whose triangles would need an edge that is there already, get a new vertex in their
    middle: faces name it as len(vertices) + i, and its loop of vertices is element i of the list.
    """
    sides = half_edges(faces)
    taken = {tuple(edge) for edge in np.sort(sides, axis=1).tolist()}
    new: list[NDArray[np.int64]] = []
    middles: list[NDArray[np.int64]] = []
    closed = 0
    for loop in border_loops(faces, mate):
        ring = sides[loop, 0][::-1].copy()  # the other way round, so that new faces run against the old
        if sides[loop[-1], 1] != sides[loop[0], 0] or len(np.unique(ring)) < len(ring) or len(ring) < 3:
            continue
        made, area = _triangulated(vertices[ring], ring, taken)
        if made is None:
            centre = len(vertices) + len(middles)
            made = np.stack([ring, np.roll(ring, -1), np.full(len(ring), centre)], axis=1)
            spokes = vertices[ring] - vertices[ring].mean(axis=0)
            area = float(0.5 * np.linalg.norm(np.cross(spokes, np.roll(spokes, -1, axis=0)), axis=1).sum())
        if area > largest:
            continue
        if made.max() >= len(vertices) + len(middles):
            middles.append(ring)
        taken |= {tuple(edge) for edge in np.sort(half_edges(made), axis=1).tolist()}
        new.append(made)
        closed += 1
    return (np.concatenate(new) if new else np.zeros((0, 3), np.int64)), middles, closed


def _triangulated(
    points: NDArray[np.float64], ring: NDArray[np.int64], taken: set[tuple[int, ...]]
) -> tuple[NDArray[np.int64] | None, float]:
    count = len(ring)
    if count > _LONGEST:
        return None, 0.0
    barred = np.zeros((count, count), np.bool_)
    for one in range(count):
        for two in range(one + 2, count):
            if (one, two) != (0, count - 1) and (min(ring[one], ring[two]), max(ring[one], ring[two])) in taken:
                barred[one, two] = True
    made, cost = _least_area(points, barred)
    return (ring[made], cost) if cost < _NEVER else (None, 0.0)


@njit(cache=True)
def _least_area(points: NDArray[np.float64], barred: NDArray[np.bool_]) -> tuple[NDArray[np.int64], float]:
    """Triangles of a polygon in space with the least sum of areas (Barequet and Sharir 1995), by dynamic programming."""
    count = len(points)
    cost = np.zeros((count, count))
    best = np.zeros((count, count), np.int64)
    for width in range(2, count):
        for one in range(count - width):
            two = one + width
            cost[one, two] = 2e30
            if barred[one, two]:
                continue
            for middle in range(one + 1, two):
                ax, ay, az = points[middle] - points[one]
                bx, by, bz = points[two] - points[one]
                area = 0.5 * np.sqrt((ay * bz - az * by) ** 2 + (az * bx - ax * bz) ** 2 + (ax * by - ay * bx) ** 2)
                total = cost[one, middle] + cost[middle, two] + area
                if total < cost[one, two]:
                    cost[one, two], best[one, two] = total, middle
    triangles = np.zeros((count - 2, 3), np.int64)
    stack = [(0, count - 1)]
    placed = 0
    while len(stack) > 0 and cost[0, count - 1] < 1e30:
        one, two = stack.pop()
        if two - one < 2:
            continue
        middle = best[one, two]
        triangles[placed] = np.array([one, middle, two])
        placed += 1
        stack.append((one, middle))
        stack.append((middle, two))
    return triangles, cost[0, count - 1]
