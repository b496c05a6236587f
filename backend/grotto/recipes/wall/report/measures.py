"""Numbers that the report draws and speaks of: pure functions of arrays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Profile:
    """Heights along one axis of the wall."""

    places: Floats  # (n,) in units
    middle: Floats  # (n,) median height, NaN where too little is known
    low: Floats  # 10th percentile
    high: Floats  # 90th percentile
    bow: float  # height of the middle over the ends of the best parabola, in the heights' unit; NaN where unknown
    length: float  # that the parabola spans, in units


def profiles(heights: NDArray[np.floating], extent: tuple[float, float, float, float]) -> tuple[Profile, Profile]:
    """The profiles of (h, w) heights along the wall and up the wall; NaN is unknown, the first row is the top.

    Both bows come from one quadratic surface fitted to all heights, its slopes left aside: a tilt is no bow. Each
    profile has the other direction's curve taken out, so that it shows what the wall does along its own.
    """
    height, width = heights.shape
    x = _places(width, extent[0], extent[1])
    z = _places(height, extent[2], extent[3])
    upright = heights[::-1].astype(np.float64)
    curve_x, curve_z = _curvatures(upright, x, z)
    middle_x, middle_z = (extent[0] + extent[1]) / 2, (extent[2] + extent[3]) / 2
    along = upright - (curve_z * (z - middle_z) ** 2)[:, None]
    up = upright - (curve_x * (x - middle_x) ** 2)[None]
    return _profile(along, x, curve_x), _profile(up.T, z, curve_z)


def _places(number: int, start: float, end: float) -> Floats:
    return start + (np.arange(number) + 0.5) * (end - start) / number


def _curvatures(heights: Floats, x: Floats, z: Floats) -> tuple[float, float]:
    """The factors of x² and z² of the quadratic surface nearest to the known heights; NaN where these do not tell."""
    row, column = np.nonzero(np.isfinite(heights))
    if len(row) < 12 or np.ptp(row) < 4 or np.ptp(column) < 4:
        return float("nan"), float("nan")
    scale = max(float(np.ptp(x)), float(np.ptp(z)))
    a, b = (x[column] - x.mean()) / scale, (z[row] - z.mean()) / scale
    terms = np.stack([np.ones_like(a), a, b, a * b, a * a, b * b], axis=1)
    factors = np.linalg.lstsq(terms, heights[row, column], rcond=None)[0]
    return float(factors[4] / scale**2), float(factors[5] / scale**2)


def _profile(heights: Floats, places: Floats, curvature: float) -> Profile:
    known = np.isfinite(heights).sum(axis=0) >= max(3, heights.shape[0] // 20)
    middle, low, high = (np.full(len(places), np.nan) for _ in range(3))
    if known.any():
        low[known], middle[known], high[known] = np.nanpercentile(heights[:, known], (10, 50, 90), axis=0)
    length = float(np.ptp(places[known])) if known.any() else 0.0
    return Profile(places=places, middle=middle, low=low, high=high, bow=-curvature * length**2 / 4, length=length)


def weakest_bond(count: int, pairs: NDArray[np.int64], strength: NDArray[np.int64]) -> int | None:
    """The pair whose loss would cost most: the weakest of the strongest tree that joins all that can be joined.

    `pairs` is (p, 2) of nodes below `count`. Kruskal's algorithm, strongest first; None without pairs.
    """
    root = list(range(count))

    def find(node: int) -> int:
        while root[node] != node:
            root[node] = root[root[node]]
            node = root[node]
        return node

    last = None
    for pair in np.argsort(-strength, kind="stable"):
        first, second = (find(int(node)) for node in pairs[pair])
        if first != second:
            root[first] = second
            last = int(pair)
    return last


@dataclass(frozen=True, kw_only=True)
class MissField:
    """Mean misses over the photo plane, by cells."""

    places: Floats  # (c, 2) cell centres in pixels
    means: Floats  # (c, 2) pixels
    certain: NDArray[np.bool_]  # (c,) the mean is over three times its standard error


def miss_field(places_px: Floats, misses_px: Floats, width: int, height: int, across: int = 14) -> MissField:
    """Mean misses in square cells, `across` of them along the width; cells with under eight misses are left out.

    Misses of single points cancel out; what stays in a cell is what the lens model does not explain.
    """
    down = max(1, round(across * height / width))
    column = np.clip((places_px[:, 0] / width * across).astype(int), 0, across - 1)
    row = np.clip((places_px[:, 1] / height * down).astype(int), 0, down - 1)
    cell = row * across + column
    cells = across * down
    number = np.bincount(cell, minlength=cells)
    enough = number >= 8
    safe = np.maximum(number, 1)[:, None]
    sums = np.stack([np.bincount(cell, misses_px[:, axis], cells) for axis in (0, 1)], axis=1)
    squares = np.bincount(cell, np.square(misses_px).sum(axis=1), cells)[:, None]
    means = sums / safe
    variance = np.maximum(squares / safe - np.square(means).sum(axis=1, keepdims=True), 0.0)[:, 0]
    error = np.sqrt(variance / safe[:, 0])
    certain = np.hypot(*means.T) > 3 * error
    rows, columns = np.divmod(np.arange(cells), across)
    centres = np.stack([(columns + 0.5) * width / across, (rows + 0.5) * height / down], axis=1)
    return MissField(places=centres[enough], means=means[enough], certain=certain[enough])


def round_length(most: float) -> float:
    """The longest of 1, 2 or 5 times a power of ten that is no longer than `most`."""
    power = 10.0 ** np.floor(np.log10(most))
    return float(next(step * power for step in (5.0, 2.0, 1.0) if step * power <= most * (1 + 1e-9)))
