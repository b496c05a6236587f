"""Divide a budget of triangles: rim corners where the outline bends, inner points where flat triangles miss the height."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ..outline import Curve, Triangulated, curve_length, fit_polygons, points_clear_of, simplified, triangulate
from .inflation import Heights

_ROUNDS, _GROWTH = 16, 1.4  # each round has 1.4 times the points of the one before
_SPREAD = 1.2  # of the mean distance of points: closer points of one round would mend the same error
_CLEARANCE = 0.3  # likewise, of inner points from the rim
_FACES, _RIM_PARTS = (700, 5000, 20_000), (0.86, 0.4, 0.25)  # of few faces most go to the rim, by which figures are recognised
_BACK_PART = 0.4
_FINEST_BEND_PX = 0.4  # fitted edges leave half of it, invisible in a figure of 800 px
_FRONT_PART = 0.9  # of the inner points
_NO_ERROR_PX = 1e-6  # rounding: flat places need no points
_EVEN_FROM = 8000  # faces from which the rim is even; below, corners go where the outline bends


def is_light(faces: int) -> bool:
    """Whether a body has so few faces that its corners go where the outline bends."""
    return faces < _EVEN_FROM


def rim_part(faces: int) -> float:
    """The part of the faces that goes to the rim."""
    return float(np.interp(np.log(faces), np.log(_FACES), _RIM_PARTS))


def simplified_rim(curves: Sequence[Curve], faces: int, finest_px: float) -> tuple[Curve, ...]:
    """Simplify the outline for a mesh of `faces` in all; no rim edges shorter than `finest_px`.

    With few faces the corners are fitted so that edges run along the outline's middle.
    """
    corners = rim_corners(curves, faces, finest_px)
    return fit_polygons(corners, curves) if is_light(faces) else corners


def rim_corners(curves: Sequence[Curve], faces: int, finest_px: float) -> tuple[Curve, ...]:
    """The corners of `simplified_rim` where they lie on the outline, not yet fitted."""
    finest = round(sum(curve_length(curve) for curve in curves) / finest_px)
    cost = 2 + 2 * (_BACK_PART if is_light(faces) else 1.0)  # of a corner: two faces, and two for each of the back
    count = min(max(3 * len(curves), int(rim_part(faces) * faces / cost)), finest)
    if not is_light(faces):
        return simplified(curves, count, even=True)
    return simplified(curves, count, finest_bend_px=_FINEST_BEND_PX)


def back_corners(rim: Sequence[Curve]) -> int:
    """Corners of the rim of a light body's back."""
    return max(3 * len(rim), round(_BACK_PART * sum(len(curve) for curve in rim)))


def inner_counts(left: int) -> tuple[int, int]:
    """Inner points of front and back with so many faces left; a point costs two faces."""
    front = round(_FRONT_PART * max(0, left // 2))
    return front, max(0, left // 2) - front


def greedy_relief(
    heights: Heights, rim: Sequence[Curve], count: int, given: NDArray[np.float64] | None = None, rim_at_zero: bool = True
) -> Triangulated:
    """Triangulate a figure with `count` inner points at most that approximate the heights.

    Greedy insertion, many points at a time (Garland and Heckbert 1995): each round adds points where the error is largest and no
    other of the round is near. given: (k, 2) inner points that are there in any case, and do not count. rim_at_zero: the rim
    lies at 0, whatever the heights there.
    """
    inner = np.zeros((0, 2)) if given is None else given
    count += len(inner)
    figure = triangulate(rim, inner)
    area = np.abs(_double_areas(figure.points, figure.faces)).sum() / 2
    candidates = points_clear_of(
        heights.over.points[~heights.over.on_rim],
        [*rim, inner] if len(inner) else rim,
        _CLEARANCE * np.sqrt(area / max(count, 1)),
    )
    wanted = heights.at(candidates)
    for turn in range(_ROUNDS):
        most = round(count * _GROWTH ** (turn + 1 - _ROUNDS)) - len(inner)
        if most <= 0 or not len(candidates):
            continue
        made = Heights(over=figure, values=heights.at(figure.points) * (not rim_at_zero or ~figure.on_rim))
        error = np.abs(wanted - made.at(candidates))
        chosen = _apart(candidates, error, _SPREAD * np.sqrt(area / (len(inner) + most)), most)
        inner = np.concatenate([inner, candidates[chosen]])
        keep = np.ones(len(candidates), bool)
        keep[chosen] = False
        candidates, wanted = candidates[keep], wanted[keep]
        figure = triangulate(rim, inner)
    return figure


def _apart(places: NDArray[np.float64], error: NDArray[np.float64], apart: float, most: int) -> NDArray[np.int64]:
    """Indices of the places with the largest errors, one for each cell of a grid, `most` at most."""
    order = np.argsort(-error, kind="stable")
    cells = np.floor(places[order] / apart).astype(np.int64)
    _, first = np.unique(cells[:, 0] * 1_000_003 + cells[:, 1], return_index=True)
    chosen = order[np.sort(first)]
    return chosen[error[chosen] > _NO_ERROR_PX][:most]


def _double_areas(points: NDArray[np.float64], faces: NDArray[np.int64]) -> NDArray[np.float64]:
    one, two, three = (points[faces[:, corner]] for corner in range(3))
    first, second = two - one, three - one
    return first[:, 0] * second[:, 1] - first[:, 1] * second[:, 0]
