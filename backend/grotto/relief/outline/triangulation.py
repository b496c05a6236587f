"""Conforming Delaunay triangulation between closed curves: points are added on the curves until all their edges are in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import Delaunay, cKDTree

from ...contract import bug
from .point_location import PointLocator, point_locator
from .tracing import Curve, curve_length, simplified

_ROUNDS = 40
_PATIENCE = 8  # rounds of halving, after which inner points in the way are dropped
_CLEARANCE = 0.6  # of the spacing: nearer to the rim, a net's points would make slivers


@dataclass(frozen=True, kw_only=True)
class FilledOutline:
    """Triangles that fill a figure."""

    points: NDArray[np.float64]  # (n, 2) px: the loops' points first
    faces: NDArray[np.int64]  # (m, 3), one sense: positive area in (x, y)
    loops: tuple[NDArray[np.int64], ...]  # the curves as indices of points, closed

    @property
    def on_rim(self) -> NDArray[np.bool_]:
        """(n,) whether a point lies on a loop."""
        rim = np.zeros(len(self.points), bool)
        for loop in self.loops:
            rim[loop] = True
        return rim


@dataclass(frozen=True, kw_only=True)
class Triangulated(FilledOutline):
    """A figure filled with Delaunay triangles, with point location."""

    delaunay: Delaunay  # of all points, also outside of the figure
    within: NDArray[np.bool_]  # (s,) which of its simplices fill the figure

    @cached_property
    def locator(self) -> PointLocator:
        """The search for the triangles that hold places, prepared once."""
        return point_locator(self.delaunay)

    def holds(self, places: NDArray[np.float64]) -> NDArray[np.bool_]:
        """(k,) whether places (k, 2) lie in the figure."""
        cell, _ = self.locator.locate(places)
        return (cell >= 0) & self.within[cell]


def triangulate(curves: Sequence[Curve], inner: NDArray[np.float64]) -> Triangulated:
    """Triangulate the inside of curves (inside an odd number of them) with inner points (k, 2).

    Edges of curves are halved where Delaunay triangles cross them, as in Ruppert's refinement (1995); inner points that lie upon
    such an edge are dropped at last. Curves must not cross themselves or each other.
    """
    curves = [np.asarray(curve, np.float64) for curve in curves]
    for turn in range(_ROUNDS):
        points = np.concatenate([*curves, inner]) if len(inner) else np.concatenate(curves)
        made = Delaunay(points)
        loops = _loops(curves)
        rim = _pairs(np.concatenate([np.stack([loop, np.roll(loop, -1)], axis=1) for loop in loops]), len(points))
        simplices = made.simplices.astype(np.int64)
        sides = _pairs(simplices[:, [0, 1, 1, 2, 2, 0]].reshape(-1, 2), len(points))
        missing = ~np.isin(rim, sides)
        if not missing.any():
            within, faces = _inside(points, simplices, rim, loops)
            return Triangulated(points=points, faces=faces, loops=loops, delaunay=made, within=within)
        if turn >= _PATIENCE and len(inner):
            edges = np.concatenate([np.stack([loop, np.roll(loop, -1)], axis=1) for loop in loops])[missing]
            inner = inner[~_within_circles(inner, points[edges[:, 0]], points[edges[:, 1]])]
        curves = _halved(curves, missing)
    raise bug("an outline crosses itself and cannot be filled")


def triangulate_evenly(curves: Sequence[Curve], spacing: float) -> Triangulated:
    """Triangulate evenly, with sides of about `spacing`: resampled curves, and a hexagonal net between them."""
    rim = simplified(curves, round(sum(curve_length(curve) for curve in curves) / spacing), even=True)
    coarse = triangulate(rim, np.zeros((0, 2)))
    lowest, highest = coarse.points.min(0), coarse.points.max(0)
    x, y = np.meshgrid(np.arange(lowest[0], highest[0], spacing), np.arange(lowest[1], highest[1], spacing * 0.75**0.5))
    x[1::2] += 0.5 * spacing
    net = points_clear_of(np.stack([x.reshape(-1), y.reshape(-1)], axis=1), rim, _CLEARANCE * spacing)
    return triangulate(rim, net[coarse.holds(net)])


def points_clear_of(points: NDArray[np.float64], curves: Sequence[Curve], distance: float) -> NDArray[np.float64]:
    """The points (k, 2) that are at least `distance` from all points of the curves."""
    if not len(points):
        return points
    away, _ = cKDTree(np.concatenate(list(curves))).query(points)
    return points[away >= distance]


def _loops(curves: Sequence[Curve]) -> tuple[NDArray[np.int64], ...]:
    first = np.cumsum([0, *(len(curve) for curve in curves)])
    return tuple(np.arange(low, high) for low, high in pairwise(first))


def _pairs(edges: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """Undirected edges (k, 2) as single numbers (k,)."""
    return edges.min(1) * count + edges.max(1)


def _within_circles(places: NDArray[np.float64], starts: NDArray[np.float64], stops: NDArray[np.float64]) -> NDArray[np.bool_]:
    """(k,) whether places (k, 2) lie in the circle over any of the edges (m, 2), (m, 2)."""
    tree = cKDTree(places)
    found = np.zeros(len(places), bool)
    radii = 0.5 * np.linalg.norm(stops - starts, axis=1)
    for near in tree.query_ball_point(0.5 * (starts + stops), radii * (1 + 1e-9)):
        found[near] = True
    return found


def _halved(curves: Sequence[Curve], missing: NDArray[np.bool_]) -> list[Curve]:
    """Curves with a point in the middle of each missing edge."""
    result, start = [], 0
    for curve in curves:
        lost = np.flatnonzero(missing[start : start + len(curve)])
        start += len(curve)
        middle = 0.5 * (curve[lost] + np.roll(curve, -1, axis=0)[lost])
        result.append(np.insert(curve, lost + 1, middle, axis=0))
    return result


def _inside(
    points: NDArray[np.float64], simplices: NDArray[np.int64], rim: NDArray[np.int64], loops: Sequence[NDArray[np.int64]]
) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
    """Which simplices lie inside the loops, and these, consistently oriented.

    Patches that no rim separates are classified by the centre of their largest triangle (even-odd rule).
    """
    count = len(simplices)
    sides = simplices[:, [0, 1, 1, 2, 2, 0]].reshape(-1, 2)
    keys = _pairs(sides, len(points))
    owner = np.repeat(np.arange(count), 3)
    order = np.argsort(keys, kind="stable")
    keys, owner = keys[order], owner[order]
    joined = (keys[1:] == keys[:-1]) & ~np.isin(keys[1:], rim)
    one, two = owner[:-1][joined], owner[1:][joined]
    graph = coo_array((np.ones(len(one)), (one, two)), shape=(count, count))
    _, patch = connected_components(graph, directed=False)
    corners = points[simplices]
    one_side, other = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    double = one_side[:, 0] * other[:, 1] - one_side[:, 1] * other[:, 0]
    largest = np.lexsort((np.abs(double), patch))
    ends = np.flatnonzero(np.append(patch[largest][1:] != patch[largest][:-1], True))
    centres = corners[largest[ends]].mean(1)
    starts = np.concatenate([points[loop] for loop in loops])
    stops = np.concatenate([points[np.roll(loop, -1)] for loop in loops])
    odd = np.array([_crossings(centre, starts, stops) % 2 == 1 for centre in centres])
    kept = odd[patch] & (np.abs(double) > 0)
    faces = simplices[kept]
    return kept, np.where((double[kept] < 0)[:, None], faces[:, ::-1], faces)


def _crossings(place: NDArray[np.float64], starts: NDArray[np.float64], stops: NDArray[np.float64]) -> int:
    """Number of segments that a ray from a place to the right crosses."""
    over = (starts[:, 1] > place[1]) != (stops[:, 1] > place[1])
    first, last = starts[over], stops[over]
    x = first[:, 0] + (place[1] - first[:, 1]) / (last[:, 1] - first[:, 1]) * (last[:, 0] - first[:, 0])
    return int((x > place[0]).sum())
