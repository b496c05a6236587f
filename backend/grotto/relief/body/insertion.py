"""Approximate a relief with few triangles: greedy insertion into a constrained Delaunay triangulation.

Garland and Heckbert 1995, kept Delaunay by flipping edges (Lawson 1977). The outline's corners come first, then one inner point
after the other where the error is largest. Every edge of the outline is kept without adding a corner: of a few hundred, thin
leaves would take a third for that alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from ...contract import bug
from ..outline import Curve, FilledOutline, resampled, signed_area
from .inflation import Heights
from .net import legal, refine


def triangulate_rim(rim: Sequence[Curve]) -> FilledOutline:
    """A figure between curves, as `oriented` makes them, by triangles that use their corners only."""
    import manifold3d

    firsts = np.cumsum([0, *(len(curve) for curve in rim)])
    points = np.concatenate(list(rim))
    found = np.asarray(manifold3d.triangulate([np.ascontiguousarray(curve) for curve in rim]), np.int64).reshape(-1, 3)
    sides = found * len(points) + np.roll(found, -1, axis=1)
    if len(np.unique(sides)) < sides.size:
        raise bug("an outline crosses itself and cannot be filled")
    loops = tuple(np.arange(low, high) for low, high in pairwise(firsts.tolist()))
    return FilledOutline(points=points, faces=legal(points, found), loops=loops)


def rim_faces(rim: Sequence[Curve]) -> int:
    """The number of triangles of `triangulate_rim`, by Euler's formula."""
    holes = sum(signed_area(curve) < 0 for curve in rim)
    return sum(len(curve) for curve in rim) - 2 * (len(rim) - holes) + 2 * holes


def greedy_insertion(
    heights: Heights, rim: Sequence[Curve], count: int, clearance_px: float = 0.0
) -> tuple[FilledOutline, NDArray[np.float64]]:
    """Triangulate a figure with `count` inner points at most that approximate the heights; and the heights (n,) of its points.

    rim: as `oriented` makes it; its corners come first, in order, and have the height 0. clearance_px: how near to the rim no
    point goes in.
    """
    bare = triangulate_rim(rim)
    inner = np.flatnonzero(~heights.over.on_rim)
    if clearance_px > 0 and len(inner):
        line = np.concatenate([resampled(curve, 0.25 * clearance_px) for curve in rim])
        away, _ = cKDTree(line).query(heights.over.points[inner], distance_upper_bound=clearance_px)
        inner = inner[away > clearance_px]
    points, values, faces = refine(bare.points, bare.faces, heights.over.points[inner], heights.values[inner], count)
    return FilledOutline(points=points, faces=faces, loops=bare.loops), values


def oriented(rim: Sequence[Curve]) -> tuple[Curve, ...]:
    """Orient curves so that the figure has positive area: islands positive, holes negative; the largest is an island."""
    areas = [signed_area(curve) for curve in rim]
    largest = areas[int(np.argmax(np.abs(areas)))]
    return tuple(rim) if largest > 0 else tuple(curve[::-1] for curve in rim)
