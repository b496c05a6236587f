"""Approximate a relief with few triangles: greedy insertion into a constrained Delaunay triangulation.

Garland and Heckbert 1995, kept Delaunay by flipping edges (Lawson 1977). The outline's corners come first, then one inner point
after the other where the error is largest. Every edge of the outline is kept without adding a corner: of a few hundred, thin
leaves would take a third for that alone.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ..outline import Curve, FilledOutline, signed_area
from .inflation import Heights

Points = NDArray[np.float64]
_AREA_EXPONENT = 0.25  # an error counts times the area of its triangle to this power
_THIN = 1e-6  # px: a point nearer to an edge than this would make a triangle of no area


def triangulate_rim(rim: Sequence[Curve]) -> FilledOutline:
    """A figure between curves, as `oriented` makes them, by triangles that use their corners only."""
    return _Net(rim).filled()


def greedy_insertion(heights: Heights, rim: Sequence[Curve], count: int) -> tuple[FilledOutline, NDArray[np.float64]]:
    """Triangulate a figure with `count` inner points at most that approximate the heights; and the heights (n,) of its points.

    rim: as `oriented` makes it; its corners come first, in order, and have the height 0.
    """
    made = _Net(rim)
    inner = ~heights.over.on_rim
    made.improve(heights.over.points[inner], heights.values[inner], count)
    return made.filled(), np.array(made.height)


class _Net:
    """Triangles (counter-clockwise in x, y) with their half-edges, and the points not yet inserted that lie in each."""

    def __init__(self, rim: Sequence[Curve]) -> None:
        firsts = np.cumsum([0, *(len(curve) for curve in rim)])
        self._loops = tuple(np.arange(low, high) for low, high in pairwise(firsts.tolist()))
        self.points: list[tuple[float, float]] = [(float(x), float(y)) for curve in rim for x, y in curve]
        self.height = [0.0] * len(self.points)
        self._rim = {(int(a), int(b)) for loop in self._loops for a, b in zip(loop, np.roll(loop, -1), strict=True)}
        import manifold3d

        found = np.asarray(manifold3d.triangulate([np.ascontiguousarray(curve) for curve in rim]), np.int64)
        self._faces: list[tuple[int, int, int]] = []
        self._owner: dict[tuple[int, int], int] = {}
        self._places, self._wanted = np.zeros((0, 2)), np.zeros(0)
        self._lies_in: list[NDArray[np.int64]] = []
        self._changed: set[int] = set()
        for a, b, c in found.tolist():
            self._put(len(self._faces), (a, b, c))
        for edge in list(self._owner):
            self._legalise(edge)

    def filled(self) -> FilledOutline:
        faces = np.array(self._faces, np.int64).reshape(-1, 3)
        return FilledOutline(points=np.array(self.points), faces=faces, loops=self._loops)

    def improve(self, places: Points, wanted: NDArray[np.float64], count: int) -> None:
        """Insert `count` of the places (k, 2), each where the heights (k,) differ most from the triangles'."""
        self._places, self._wanted = places, wanted
        left = np.arange(len(places))
        for face in range(len(self._faces)):
            inside = self._inside(face, left)
            self._lies_in[face] = left[inside]
            left = left[~inside]
        stamps = [0] * len(self._faces)
        heap: list[tuple[float, int, int, int]] = []

        def look(face: int) -> None:
            stamps[face] += 1
            worst, place = self._worst(face)
            if worst > 0:
                heapq.heappush(heap, (-worst, face, stamps[face], place))

        for face in range(len(self._faces)):
            look(face)
        while heap and count > 0:
            _, face, stamp, place = heapq.heappop(heap)
            if stamp != stamps[face]:
                continue
            count -= 1
            self._changed = set()
            self._insert(face, place)
            stamps += [0] * (len(self._faces) - len(stamps))
            for one in self._changed:
                look(one)

    def _insert(self, face: int, place: int) -> None:
        a, b, c = self._faces[face]
        new = len(self.points)
        x, y = self._places[place]
        self.points.append((float(x), float(y)))
        self.height.append(float(self._wanted[place]))
        within = self._lies_in[face]
        within = within[within != place]
        owners = face, len(self._faces), len(self._faces) + 1
        for owner, corners in zip(owners, ((a, b, new), (b, c, new), (c, a, new)), strict=True):
            self._put(owner, corners)
            inside = self._inside(owner, within)
            self._lies_in[owner] = within[inside]
            within = within[~inside]
        for edge in ((a, b), (b, c), (c, a)):
            self._legalise(edge)

    def _put(self, face: int, corners: tuple[int, int, int]) -> None:
        if face == len(self._faces):
            self._faces.append(corners)
            self._lies_in.append(np.zeros(0, np.int64))
        else:
            self._faces[face] = corners
        a, b, c = corners
        self._owner[a, b] = self._owner[b, c] = self._owner[c, a] = face
        self._changed.add(face)

    def _legalise(self, edge: tuple[int, int]) -> None:
        """Flip an edge, then those around it, while the opposite corner lies in a triangle's circumcircle."""
        waiting = [edge]
        while waiting:
            a, b = waiting.pop()
            if (a, b) in self._rim or (b, a) in self._rim or (a, b) not in self._owner or (b, a) not in self._owner:
                continue
            one, other = self._owner[a, b], self._owner[b, a]
            c, d = self._far(one, a, b), self._far(other, b, a)
            if not self._better_turned(a, b, c, d):
                continue
            within = np.concatenate([self._lies_in[one], self._lies_in[other]])
            del self._owner[a, b], self._owner[b, a]
            self._put(one, (a, d, c))
            self._put(other, (d, b, c))
            inside = self._inside(one, within)
            self._lies_in[one], self._lies_in[other] = within[inside], within[~inside]
            waiting += [(a, d), (d, b), (b, c), (c, a)]

    def _far(self, face: int, a: int, b: int) -> int:
        return next(corner for corner in self._faces[face] if corner not in (a, b))

    def _better_turned(self, a: int, b: int, c: int, d: int) -> bool:
        """Whether d lies in the circumcircle of a, b, c, and the four corners are convex."""
        pa, pb, pc, pd = (self.points[index] for index in (a, b, c, d))
        if _cross(pa, pd, pc) <= 0 or _cross(pd, pb, pc) <= 0:
            return False
        rows = [(p[0] - pd[0], p[1] - pd[1]) for p in (pa, pb, pc)]
        (ax, ay), (bx, by), (cx, cy) = rows
        aa, bb, cc = ax * ax + ay * ay, bx * bx + by * by, cx * cx + cy * cy
        circle = aa * (bx * cy - cx * by) - bb * (ax * cy - cx * ay) + cc * (ax * by - bx * ay)
        return circle > 1e-9 * max(aa, bb, cc) ** 2

    def _inside(self, face: int, which: NDArray[np.int64]) -> NDArray[np.bool_]:
        """(k,) whether places (indices, k) lie in a face, clear of its edges where these are the rim's."""
        places = self._places[which]
        inside = np.ones(len(which), bool)
        corners = self._faces[face]
        for one, two in zip(corners, (*corners[1:], corners[0]), strict=True):
            (ax, ay), (bx, by) = self.points[one], self.points[two]
            inside &= (bx - ax) * (places[:, 1] - ay) - (by - ay) * (places[:, 0] - ax) >= 0
        return inside

    def _worst(self, face: int) -> tuple[float, int]:
        """The largest error in a face and the point that has it; 0 where none can be inserted."""
        which = self._lies_in[face]
        if not len(which):
            return 0.0, -1
        a, b, c = self._faces[face]
        (ax, ay), (bx, by), (cx, cy) = (self.points[index] for index in (a, b, c))
        whole = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)
        if whole <= 0:
            return 0.0, -1
        x, y = self._places[which].T
        to_b = (bx - ax) * (y - ay) - (by - ay) * (x - ax)
        to_c = (cx - bx) * (y - by) - (cy - by) * (x - bx)
        to_a = (ax - cx) * (y - cy) - (ay - cy) * (x - cx)
        flat = (to_c * self.height[a] + to_a * self.height[b] + to_b * self.height[c]) / whole
        clear = np.minimum(np.minimum(to_a, to_b), to_c) > _THIN * max(whole, 1.0) ** 0.5
        error = np.abs(self._wanted[which] - flat) * clear
        worst = int(error.argmax())
        return float(error[worst]) * whole**_AREA_EXPONENT, int(which[worst])


def _cross(one: tuple[float, float], two: tuple[float, float], three: tuple[float, float]) -> float:
    return (two[0] - one[0]) * (three[1] - one[1]) - (two[1] - one[1]) * (three[0] - one[0])


def oriented(rim: Sequence[Curve]) -> tuple[Curve, ...]:
    """Orient curves so that the figure has positive area: islands positive, holes negative; the largest is an island."""
    areas = [signed_area(curve) for curve in rim]
    largest = areas[int(np.argmax(np.abs(areas)))]
    return tuple(rim) if largest > 0 else tuple(curve[::-1] for curve in rim)
