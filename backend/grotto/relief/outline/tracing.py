"""Trace the outline of a mask as closed curves, resample them evenly, or simplify them to the corners that matter most."""

from __future__ import annotations

import heapq
import math
from collections.abc import Sequence
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree
from skimage.measure import find_contours

from ...contract import bad_input

Curve = NDArray[np.float64]  # (n, 2) px, x right and y down, pixel centres at +0.5; closed: the last goes on to the first

_SOFTENED_PX = 0.7  # of binary masks, whose pixel stairs are no shape
_SOFT = 0.3  # partly opaque pixels for each pixel of the edge, from which a mask is soft
_LEAST_PART = 2e-4  # of the largest curve's area: smaller islands and holes are specks
_LEAST_PX2 = 4.0
_BEND = 8.0  # weight of the area beside the squared length, so that even edges still keep corners


def trace_outline(alpha: NDArray[np.floating]) -> tuple[Curve, ...]:
    """Trace the contours at opacity 0.5 of a cut-out (h, w), 0 to 1: islands and holes, larger ones first.

    Marching squares, exact to a fraction of a pixel on soft masks. Specks below 1/5000 of the largest area are left out. Raises a
    bad-input problem where nothing is cut out.
    """
    padded = np.pad(_softened(alpha.astype(np.float32)), 2)  # what touches the border is closed along it
    found = [curve[:-1, ::-1] - 1.5 for curve in find_contours(padded, 0.5) if len(curve) > 4]  # type: ignore[no-untyped-call]
    sized = sorted(((abs(signed_area(curve)), curve) for curve in found), key=lambda pair: -pair[0])
    if not sized or sized[0][0] < _LEAST_PX2:
        raise bad_input("nothing is cut out of the picture", "draw on the subject, or choose a picture with something on it")
    least = max(_LEAST_PX2, _LEAST_PART * sized[0][0])
    return tuple(curve for area, curve in sized if area >= least)


def _softened(alpha: NDArray[np.float32]) -> NDArray[np.float32]:
    """Blur binary masks, which have pixel stairs; soft ones stay, since ribbons one pixel wide would not survive it."""
    inside = alpha > 0.5
    edges = np.count_nonzero(inside[1:] != inside[:-1]) + np.count_nonzero(inside[:, 1:] != inside[:, :-1])
    between = np.count_nonzero((alpha > 0.02) & (alpha < 0.98))
    return alpha if between > _SOFT * edges else np.asarray(cv2.GaussianBlur(alpha, (0, 0), _SOFTENED_PX), np.float32)


def signed_area(curve: Curve) -> float:
    """Area of a closed curve in px squared; its sign is its orientation."""
    x, y = curve.T
    return float(0.5 * (x * np.roll(y, -1) - np.roll(x, -1) * y).sum())


def curve_length(curve: Curve) -> float:
    """Length of a closed curve, px."""
    return float(np.linalg.norm(np.roll(curve, -1, axis=0) - curve, axis=1).sum())


def resampled(curve: Curve, spacing: float) -> Curve:
    """Resample a closed curve at even distances of about `spacing`, with eight points at least."""
    steps = np.linalg.norm(np.roll(curve, -1, axis=0) - curve, axis=1)
    along = np.concatenate([[0.0], np.cumsum(steps)])
    wanted = np.arange(max(8, round(along[-1] / spacing))) * (along[-1] / max(8, round(along[-1] / spacing)))
    closed = np.concatenate([curve, curve[:1]])
    return np.stack([np.interp(wanted, along, closed[:, axis]) for axis in range(2)], axis=1)


def simplified(curves: Sequence[Curve], count: int, *, even: bool = False, finest_bend_px: float = 0.0) -> tuple[Curve, ...]:
    """Simplify curves to `count` points in all (three a curve at least), without crossings.

    The point goes first whose triangle with its neighbours is smallest (Visvalingam and Whyatt 1993), here over the root of the
    chord's length, which keeps narrow tips longer; for even edges, the point with the shortest path between its neighbours. A
    point whose triangle holds another one stays. finest_bend_px: points that lie nearer than this to their neighbours' chord go
    as well, so that simple outlines have fewer than `count` points.
    """
    points = np.concatenate(list(curves))
    owner = np.repeat(np.arange(len(curves)), [len(curve) for curve in curves])
    first = np.cumsum([0, *(len(curve) for curve in curves)])
    before, after = np.arange(len(points)) - 1, np.arange(len(points)) + 1
    before[first[:-1]], after[first[1:] - 1] = first[1:] - 1, first[:-1]
    kept, left = np.ones(len(points), bool), np.diff(first)
    tree = cKDTree(points)
    places = [(x, y) for x, y in points.tolist()]

    def cost(index: int) -> float:
        low, middle, high = places[before[index]], places[index], places[after[index]]
        bend = abs(_double_area(low, middle, high))
        if not even:
            return bend / max(math.dist(low, high), 1e-6) ** 0.5
        way = math.dist(low, middle) + math.dist(middle, high)  # along the curve: by chords, tips would go first
        return way**2 + _BEND * bend

    costs = np.array([cost(index) for index in range(len(points))])
    heap = [(value, index) for index, value in enumerate(costs.tolist())]
    heapq.heapify(heap)
    total = len(points)
    while heap and (total > count or finest_bend_px > 0):
        value, index = heapq.heappop(heap)
        if not kept[index] or value != costs[index] or left[owner[index]] <= 3:
            continue
        low, high = int(before[index]), int(after[index])
        if total <= count and _bend(places[low], places[index], places[high]) >= finest_bend_px:
            continue
        if _holds_another(places, (low, index, high), kept, tree):
            continue  # until a neighbour goes and its triangle is another
        kept[index] = False
        left[owner[index]] -= 1
        total -= 1
        after[low], before[high] = high, low
        for beside in (low, high):
            costs[beside] = max(cost(beside), value)  # a corner behind a removed one is not cheaper than it
            heapq.heappush(heap, (float(costs[beside]), beside))
    return tuple(points[low:high][kept[low:high]] for low, high in pairwise(first))


def _holds_another(
    places: list[tuple[float, float]], triangle: tuple[int, int, int], kept: NDArray[np.bool_], tree: cKDTree
) -> bool:
    """Whether a triangle of three places holds, or nearly touches, another that is kept.

    One place after the other: they are few, and arrays of few numbers cost more than the numbers.
    """
    (ax, ay), (bx, by), (cx, cy) = (places[index] for index in triangle)
    x, y = (ax + bx + cx) / 3, (ay + by + cy) / 3
    reach = max(math.hypot(ax - x, ay - y), math.hypot(bx - x, by - y), math.hypot(cx - x, cy - y))
    sense = -1.0 if (bx - ax) * (cy - ay) - (by - ay) * (cx - ax) < 0 else 1.0
    for index in tree.query_ball_point((x, y), reach * (1 + 1e-9)):
        if not kept[index] or index in triangle:
            continue
        px, py = places[index]
        if (
            ((bx - ax) * (py - ay) - (by - ay) * (px - ax)) * sense >= -1e-9
            and ((cx - bx) * (py - by) - (cy - by) * (px - bx)) * sense >= -1e-9
            and ((ax - cx) * (py - cy) - (ay - cy) * (px - cx)) * sense >= -1e-9
        ):
            return True
    return False


def _bend(low: tuple[float, float], place: tuple[float, float], high: tuple[float, float]) -> float:
    """Distance of a place from the chord of its neighbours."""
    return abs(_double_area(low, place, high)) / max(math.dist(low, high), 1e-12)


def _double_area(one: tuple[float, float], two: tuple[float, float], three: tuple[float, float]) -> float:
    """Twice the signed area of a triangle."""
    return (two[0] - one[0]) * (three[1] - one[1]) - (two[1] - one[1]) * (three[0] - one[0])
