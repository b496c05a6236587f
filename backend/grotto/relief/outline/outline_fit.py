"""Fit a simplified outline to the true curve by least squares, so that its edges do not cut bends off."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .periodic_systems import solve_periodic
from .tracing import Curve

_ROUNDS = 3
_STIFFNESS = 0.05  # samples: pull of a corner towards where it was, so that edges too short to hold a sample stay
_ROUNDS_BACK = 12  # corners of crossing edges go back, then their neighbours too, before the whole outline does


def fit_polygons(curves: Sequence[Curve], truth: Sequence[Curve]) -> tuple[Curve, ...]:
    """Fit polygons to the true curves by least squares, with the corners of `curves`, their simplifications, to begin with.

    A linear spline: corners leave the curve, which then lies equally on both sides of each edge, and the area between is about
    half of what chords leave. Corners of edges that would cross stay.
    """
    fitted = _fitted(curves, truth)
    stays = [np.zeros(len(curve), bool) for curve in curves]
    for turn in range(_ROUNDS_BACK):
        wrong = _crossing_corners(fitted)
        if not any(corners.any() for corners in wrong):
            return tuple(fitted)
        stays = [_widened(one | corners, turn // 2) for one, corners in zip(stays, wrong, strict=True)]
        fitted = [np.where(one[:, None], curve, made) for one, curve, made in zip(stays, curves, fitted, strict=True)]
    return tuple(curves)


def _widened(corners: NDArray[np.bool_], by: int) -> NDArray[np.bool_]:
    """Marked corners (n,) of a closed curve, and `by` neighbours on either side."""
    for _ in range(by):
        corners = corners | np.roll(corners, 1) | np.roll(corners, -1)
    return corners


@dataclass(frozen=True)
class _Start:
    """A polygon and the true curve, both from their first common point on."""

    given: Curve  # (n, 2)
    dense: Curve  # (m, 2)
    edge: NDArray[np.int64]  # (m,) the edge that each point of the true curve belongs to: from corner i to corner i + 1
    turn: int  # by how many corners the polygon was turned


def _fitted(curves: Sequence[Curve], truth: Sequence[Curve]) -> list[Curve]:
    """The polygons fitted each by itself; one that has no point in common with its true curve stays."""
    made = list(curves)
    starts = {index: start for index, pair in enumerate(zip(curves, truth, strict=True)) if (start := _start(*pair))}
    if not starts:
        return made
    sizes = np.array([len(start.given) for start in starts.values()])
    for (index, start), corners in zip(starts.items(), np.split(_fit(list(starts.values()), sizes), _ends(sizes)), strict=True):
        made[index] = np.roll(corners, start.turn, axis=0)
    return made


def _start(curve: Curve, dense: Curve) -> _Start | None:
    sample = matching_points(curve, dense)
    turn = int(np.argmax(sample >= 0))
    if sample[turn] < 0:
        return None
    given, dense = np.roll(curve, -turn, axis=0), np.roll(dense, -int(sample[turn]), axis=0)
    sample = np.roll(sample, -turn)
    along = arc_positions(given, np.where(sample >= 0, (sample - sample[0]) % len(dense), -1), len(dense))
    edge = np.searchsorted(along, np.arange(len(dense)), side="right") - 1
    return _Start(given=given, dense=dense, edge=edge, turn=turn)


def _fit(starts: Sequence[_Start], sizes: NDArray[np.int64]) -> Curve:
    """Corners (n, 2) of all polygons one after the other. Normal equations of closed linear splines couple neighbours only."""
    given, dense = (np.concatenate([getattr(start, name) for start in starts]) for name in ("given", "dense"))
    firsts = np.cumsum(sizes) - sizes
    count = len(given)
    after = np.arange(count) + 1
    after[firsts + sizes - 1] = firsts
    edge = np.concatenate([start.edge + first for start, first in zip(starts, firsts, strict=True)])

    def summed(weights: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(np.bincount(edge, weights, count), np.float64)

    made = given
    for _ in range(_ROUNDS):
        start, stop = made[edge], made[after[edge]]
        way = stop - start
        part = np.clip(((dense - start) * way).sum(1) / np.maximum((way * way).sum(1), 1e-12), 0, 1)
        diagonal = summed((1 - part) ** 2) + _STIFFNESS
        diagonal[after] += summed(part**2)
        right = np.stack([summed((1 - part) * dense[:, axis]) for axis in range(2)], axis=1) + _STIFFNESS * given
        right[after] += np.stack([summed(part * dense[:, axis]) for axis in range(2)], axis=1)
        made = solve_periodic(diagonal, summed((1 - part) * part), right, sizes)
    return made


def _ends(sizes: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.cumsum(sizes)[:-1]


def matching_points(curve: Curve, other: Curve) -> NDArray[np.int64]:
    """(n,) index of each point of a curve in another curve, -1 where it is none of its points."""
    known = {tuple(place): index for index, place in enumerate(other.tolist())}
    return np.array([known.get(tuple(place), -1) for place in curve.tolist()])


def arc_positions(curve: Curve, sample: NDArray[np.int64], count: int) -> NDArray[np.float64]:
    """Positions (n,) of corners along the true curve, in samples; the first is sample 0.

    sample: (n,) index of the corner's sample, -1 for points on edges, which lie as far along the curve as along the edge.
    """
    kept = np.flatnonzero(sample >= 0)
    steps = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.roll(curve, -1, axis=0) - curve, axis=1))])
    return np.interp(steps[:-1], [*steps[kept], steps[-1]], [*sample[kept], count])


def _crossing_corners(curves: Sequence[Curve]) -> list[NDArray[np.bool_]]:
    """(n,) of each curve: whether an edge at this corner crosses another edge of any curve."""
    start = np.concatenate(list(curves))
    stop = np.concatenate([np.roll(curve, -1, axis=0) for curve in curves])
    after = np.concatenate([np.roll(np.arange(len(c)), -1) + first for c, first in zip(curves, _firsts(curves), strict=True)])
    lowest, highest = np.minimum(start, stop), np.maximum(start, stop)
    wrong = np.zeros(len(start), bool)
    for index in range(len(start)):
        near = ((lowest <= highest[index]) & (highest >= lowest[index])).all(1)
        near[[index, after[index]]] = False
        near &= after != index
        others = np.flatnonzero(near)
        if not len(others):
            continue
        one, two = start[index], stop[index]
        sides = _turn(one, two, start[others]) * _turn(one, two, stop[others])
        across = _turn(start[others], stop[others], one) * _turn(start[others], stop[others], two)
        met = others[(sides <= 0) & (across <= 0)]
        for edge in (index, *met) if len(met) else ():
            wrong[[edge, after[edge]]] = True
    return np.split(wrong, _firsts(curves)[1:])


def _firsts(curves: Sequence[Curve]) -> NDArray[np.int64]:
    return np.cumsum([0, *(len(curve) for curve in curves[:-1])])


def _turn(one: NDArray[np.float64], two: NDArray[np.float64], three: NDArray[np.float64]) -> NDArray[np.float64]:
    first, second = two - one, three - one
    return np.asarray(first[..., 0] * second[..., 1] - first[..., 1] * second[..., 0])
