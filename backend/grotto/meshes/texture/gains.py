"""How much brighter each photo is than the others, by colour channel, from the surface that they share."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from .projection import Sight

_DARKEST = 0.04  # values below say little about a factor
_STIFFNESS = 1e-3  # of the mean evidence: photos that share nothing keep a factor of 1
_ROBUST = 0.08  # log ratios farther off than this (a highlight, another place) count less
_ROUNDS = 4
_LARGEST = np.log(2.0)


def view_gains(sights: Sequence[Sight], count: int) -> NDArray[np.float32]:
    """(views, 3) factors that bring the views to a common exposure; their geometric mean is 1.

    `sights` are what each view shows of the same `count` places. Least squares over all pairs of views at a place, in
    logarithms, after the gain compensation of Brown and Lowe 2007 (section 6) with Cauchy's weights against highlights.
    """
    number = len(sights)
    values, weights = np.zeros((count, number, 3)), np.zeros((count, number))
    for view, sight in enumerate(sights):
        values[sight.index, view] = np.log(np.maximum(sight.colour, _DARKEST))
        clear = (sight.colour.min(1) > _DARKEST) & (sight.colour.max(1) < 0.98)
        weights[sight.index, view] = sight.trust * sight.cosine**2 * clear
    gains = np.zeros((number, 3))
    for channel in range(3):
        for _ in range(_ROUNDS):
            gains[:, channel] = _solved(values[..., channel], weights, gains[:, channel])
    gains = np.clip(gains - gains.mean(0), -_LARGEST, _LARGEST)
    return np.exp(gains).astype(np.float32)


def _solved(values: NDArray[np.float64], weights: NDArray[np.float64], gains: NDArray[np.float64]) -> NDArray[np.float64]:
    """One robust step: each view against the weighted mean of its place, which stands for all pairs."""
    number = len(gains)
    level = values + gains
    total = weights.sum(1, keepdims=True)
    mean = (weights * level).sum(1, keepdims=True) / np.maximum(total, 1e-12)
    robust = weights / (1 + ((level - mean) / _ROBUST) ** 2)
    robust *= (robust > 0).sum(1, keepdims=True) > 1  # a place that one view sees says nothing
    total = np.maximum(robust.sum(1), 1e-12)
    # Minimising sum_p sum_v w_pv (x_pv + g_v - m_p)^2 over m_p leaves the Laplacian of the graph of views.
    laplacian = np.diag(robust.sum(0)) - (robust / total[:, None]).T @ robust
    side = -(robust * (values - (robust * values).sum(1, keepdims=True) / total[:, None])).sum(0)
    stiffness = _STIFFNESS * max(float(np.trace(laplacian)) / number, 1e-9)
    return np.linalg.solve(laplacian + stiffness * np.eye(number), side)
