"""Corners of a reduced outline moved so that its edges run along the true curve's middle instead of cutting its bends off."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, eye_array
from scipy.sparse.linalg import spsolve

from .tracing import Curve

_ROUNDS = 3
_STIFFNESS = 0.05  # samples' worth of staying where a corner was: an edge too short to hold a sample stays
_ROUNDS_BACK = 12  # corners of crossing edges go back, then their neighbours too, before the whole outline does


def straddling(curves: Sequence[Curve], truth: Sequence[Curve]) -> tuple[Curve, ...]:
    """Polygons with as many corners as `curves`, nearest to the true curves in the sense of least squares.

    A linear spline fitted to the curve: corners leave it, so that edges have as much of it on one side as on the other, and the
    area between is about half of what chords leave. `curves` are the true ones reduced, one by one; points on edges (which a
    triangulation added) go to the curve, too. Where edges would cross, their corners stay.
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
    """Marked corners (n,) of a closed curve, and so many neighbours on either side."""
    for _ in range(by):
        corners = corners | np.roll(corners, 1) | np.roll(corners, -1)
    return corners


def _fitted(curve: Curve, dense: Curve) -> Curve:
    sample = matching(curve, dense)
    turn = int(np.argmax(sample >= 0))
    if sample[turn] < 0:
        return curve
    given, dense = np.roll(curve, -turn, axis=0), np.roll(dense, -int(sample[turn]), axis=0)
    sample = np.roll(sample, -turn)
    along = places_along(given, np.where(sample >= 0, (sample - sample[0]) % len(dense), -1), len(dense))
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


def matching(curve: Curve, other: Curve) -> NDArray[np.int64]:
    """(n,) which point of another curve each point of a curve is, -1 where none."""
    known = {tuple(place): index for index, place in enumerate(other.tolist())}
    return np.array([known.get(tuple(place), -1) for place in curve.tolist()])


def places_along(curve: Curve, sample: NDArray[np.int64], count: int) -> NDArray[np.float64]:
    """Where corners (n,) lie along the true curve, in samples; the first is one of them (0).

    sample: (n,) which sample a corner is, -1 for points on edges: these lie as far along the curve as along the edge.
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
