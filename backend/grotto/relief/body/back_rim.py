"""The rim of a light body's back: some of the front rim's corners, the others clipped as ears."""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..outline import Curve


@dataclass(frozen=True, kw_only=True)
class BackRim:
    """The corners of the front's rim that the back keeps, and the triangles clipped off for the others."""

    kept: NDArray[np.bool_]  # (n,) of the corners of all curves, one after the other
    ears: NDArray[np.int64]  # (r, 3) corners; positive area in (x, y), as the figure's triangles

    def curves(self, rim: Sequence[Curve]) -> tuple[Curve, ...]:
        """The back's rim."""
        parts = np.split(self.kept, np.cumsum([len(curve) for curve in rim])[:-1])
        return tuple(curve[kept] for curve, kept in zip(rim, parts, strict=True))


def back_rim(rim: Sequence[Curve], count: int) -> BackRim:
    """Clip the rim's smallest ears until `count` corners are left or none can go (three a curve stay).

    rim: curves with the figure on the side of positive area. An ear is a corner whose triangle with its neighbours lies in the
    figure and holds no other corner. Each ear keeps one corner that stays, so that front and back never touch.
    """
    points = np.concatenate(list(rim))
    owner = np.repeat(np.arange(len(rim)), [len(curve) for curve in rim])
    first = np.cumsum([0, *(len(curve) for curve in rim)])
    before, after = np.arange(len(points)) - 1, np.arange(len(points)) + 1
    before[first[:-1]], after[first[1:] - 1] = first[1:] - 1, first[:-1]
    kept, left = np.ones(len(points), bool), np.diff(first)
    ears: list[tuple[int, int, int]] = []
    ears_at: list[list[int]] = [[] for _ in points]
    heap = [(_double_area(points, (before[index], index, after[index])), index) for index in range(len(points))]
    heapq.heapify(heap)
    while heap and kept.sum() > count:
        area, index = heapq.heappop(heap)
        ear = int(before[index]), index, int(after[index])
        if not kept[index] or area != _double_area(points, ear) or left[owner[index]] <= 3:
            continue
        alone = any(kept[list(ears[other])].sum() < 2 for other in ears_at[index])
        if area <= 0 or alone or _holds_another(points, ear, kept):
            continue
        kept[index] = False
        left[owner[index]] -= 1
        for corner in ear:
            ears_at[corner].append(len(ears))
        ears.append(ear)
        after[ear[0]], before[ear[2]] = ear[2], ear[0]
        for beside in (ear[0], ear[2]):
            heapq.heappush(heap, (_double_area(points, (before[beside], beside, after[beside])), beside))
    return BackRim(kept=kept, ears=np.array(ears, np.int64).reshape(-1, 3))


def _double_area(points: NDArray[np.float64], corners: tuple[int, int, int]) -> float:
    (ax, ay), (bx, by), (cx, cy) = points[list(corners)]
    return float((bx - ax) * (cy - ay) - (by - ay) * (cx - ax))


def _holds_another(points: NDArray[np.float64], ear: tuple[int, int, int], kept: NDArray[np.bool_]) -> bool:
    others = kept.copy()
    others[list(ear)] = False
    places = points[others]
    inside = np.ones(len(places), bool)
    for start, stop in zip(ear, (*ear[1:], ear[0]), strict=True):
        way, off = points[stop] - points[start], places - points[start]
        inside &= way[0] * off[:, 1] - way[1] * off[:, 0] >= -1e-9
    return bool(inside.any())
