"""True matches between two made views: which points are one place of the wall, and which have no partner."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..points import MatchPoints
from .view_map import ViewMap

Floats = NDArray[np.float64]
NEAR_PX, FAR_PX = 3.0, 5.0  # a partner is nearer than the first; a point has none if nothing is within the second
_TURN = 0.6  # radians, by which orientations of one point may differ
_SIZE = 0.6  # by which logs of its sizes may


@dataclass(frozen=True)
class Truth:
    """The truth of n points of one view and m of another."""

    partner: NDArray[np.int64]  # (n,) rows of the other view, -1 without a partner
    alone_a: NDArray[np.bool_]  # (n,) points that have no partner for certain
    alone_b: NDArray[np.bool_]  # (m,)
    place_a: Floats  # (n, 2) where the first view's points are in the second
    place_b: Floats  # (m, 2) where the second view's points are in the first
    inside_a: NDArray[np.bool_]  # (n,) whether that lies in the picture
    inside_b: NDArray[np.bool_]


def find_truth(a: MatchPoints, map_a: ViewMap, b: MatchPoints, map_b: ViewMap, *, by_place: bool = False) -> Truth:
    """Partners are mutual nearest within `NEAR_PX` that agree in orientation and size, where both have them.

    by_place: ask for no agreement, as if they had none.
    """
    place_a, angle_a, size_a = _carried(a, map_a, map_b)
    place_b, _, _ = _carried(b, map_b, map_a)
    gap_ab = _distances(place_a, b.place)
    gap_ba = _distances(place_b, a.place).T
    turn = np.abs((angle_a[:, None] - b.angle + np.pi) % (2 * np.pi) - np.pi)
    growth = np.abs(np.log(size_a[:, None] / np.maximum(b.size, 1e-6)))
    alike = (turn < _TURN) & (growth < _SIZE) if a.oriented and b.oriented and not by_place else True
    gap = np.where(alike, np.maximum(gap_ab, gap_ba), np.inf)
    best = gap.argmin(axis=1)
    rows = np.arange(len(a))
    mutual = (gap.argmin(axis=0)[best] == rows) & (gap[rows, best] < NEAR_PX)
    nearest = np.minimum(gap_ab, gap_ba)
    return Truth(
        partner=np.where(mutual, best, -1),
        alone_a=nearest.min(axis=1) > FAR_PX,
        alone_b=nearest.min(axis=0) > FAR_PX,
        place_a=place_a,
        place_b=place_b,
        inside_a=_inside(place_a, b),
        inside_b=_inside(place_b, a),
    )


def overlap_of(map_a: ViewMap, map_b: ViewMap, width: int, height: int) -> float:
    """The share of the first view that the second shows."""
    u, v = np.meshgrid(*(np.linspace(0.04, 0.96, 9),) * 2)
    grid = np.column_stack([u.ravel() * width, v.ravel() * height])
    there = map_b.to_view(map_a.to_wall(grid))
    return float(((there >= 0) & (there <= (width, height))).all(axis=1).mean())


def _carried(points: MatchPoints, here: ViewMap, there: ViewMap) -> tuple[Floats, Floats, Floats]:
    """Places, orientations and sizes of points of one view in another."""
    place = points.place.astype(np.float64)
    pointer = np.column_stack([np.cos(points.angle), np.sin(points.angle)])
    moved = there.to_view(here.to_wall(np.concatenate([place, place + pointer])))
    step = moved[len(place) :] - moved[: len(place)]
    size = points.size.astype(np.float64) * np.hypot(step[:, 0], step[:, 1])
    return moved[: len(place)], np.asarray(np.arctan2(step[:, 1], step[:, 0]), np.float64), size


def _distances(places: Floats, others: NDArray[np.float32]) -> Floats:
    return np.asarray(np.hypot(places[:, None, 0] - others[:, 0], places[:, None, 1] - others[:, 1]), np.float64)


def _inside(place: Floats, other: MatchPoints) -> NDArray[np.bool_]:
    return np.asarray(((place >= 0) & (place <= (other.width, other.height))).all(axis=1))
