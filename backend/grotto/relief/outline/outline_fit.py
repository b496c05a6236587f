"""Fit a simplified outline to the true curve by least squares, so that its edges do not cut bends off."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, eye_array
from scipy.sparse.linalg import spsolve

from .tracing import Curve

_ROUNDS = 3
_STIFFNESS = 0.05  # samples: pull of a corner towards where it was, so that edges too short to hold a sample stay
_ROUNDS_BACK = 12  # corners of crossing edges go back, then their neighbours too, before the whole outline does


def fit_polygons(curves: Sequence[Curve], truth: Sequence[Curve]) -> tuple[Curve, ...]:
    """Fit polygons to the true curves by least squares, with the corners of `curves`, their simplifications, to begin with.

    A linear spline: corners leave the curve, which then lies equally on both sides of each edge, and the area between is about
    half of what chords leave. Corners of edges that would cross stay.
    """
    fitted = [_fitted(curve, dense) for curve, dense in zip(curves, truth, strict=True)]
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


def _fitted(curve: Curve, dense: Curve) -> Curve:
    sample = matching_points(curve, dense)
    turn = int(np.argmax(sample >= 0))
    if sample[turn] < 0:
        return curve
    given, dense = np.roll(curve, -turn, axis=0), np.roll(dense, -int(sample[turn]), axis=0)
    sample = np.roll(sample, -turn)
    along = arc_positions(given, np.where(sample >= 0, (sample - sample[0]) % len(dense), -1), len(dense))
    count = len(given)
    edge = np.searchsorted(along, np.arange(len(dense)), side="right") - 1
    made = given
    for _ in range(_ROUNDS):
        start, stop = made[edge], made[(edge + 1) % count]
        way = stop - start
        part = np.clip(((dense - start) * way).sum(1) / np.maximum((way * way).sum(1), 1e-12), 0, 1)
        row = np.tile(np.arange(len(dense)), 2)
        corners = np.concatenate([edge, (edge + 1) % count])
        spline = coo_array((np.concatenate([1 - part, part]), (row, corners)), (len(dense), count)).tocsr()
        normal = (spline.T @ spline + _STIFFNESS * eye_array(count)).tocsc()
        made = np.stack([spsolve(normal, spline.T @ dense[:, k] + _STIFFNESS * given[:, k]) for k in range(2)], axis=1)
    return np.roll(made, turn, axis=0)


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
