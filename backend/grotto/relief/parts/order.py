"""Parts in order from back to front, as the votes of their borders agree with best."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

_RIDGE = 1e-3  # holds parts without votes in the middle


def ranked(weights: NDArray[np.float64]) -> tuple[int, ...]:
    """Parts 1 to n from back to front, of weights (n + 1, n + 1) for the row's part lying before the column's.

    First the heights whose differences agree with the votes in the sense of least squares (Jiang et al. 2011, HodgeRank), then
    single parts are moved for as long as that lowers the weight of what disagrees: minimum feedback, found locally.
    """
    count = len(weights) - 1
    votes = weights[1:, 1:]
    both = votes + votes.T
    wish = np.divide(votes - votes.T, both, out=np.zeros_like(votes), where=both > 0)
    system = np.diag(both.sum(1)) - both + _RIDGE * np.eye(count)
    height = np.linalg.solve(system, (both * wish).sum(1))
    order = [int(part) for part in np.argsort(height, kind="stable")]
    return tuple(part + 1 for part in _improved(order, votes))


def _improved(order: list[int], votes: NDArray[np.float64]) -> list[int]:
    best, against = order, disagreeing(order, votes)
    for _ in range(len(order)):
        moved = False
        for part in order:
            rest = [other for other in best if other != part]
            for place in range(len(order)):
                tried = [*rest[:place], part, *rest[place:]]
                cost = disagreeing(tried, votes)
                if cost < against - 1e-9:
                    best, against, moved = tried, cost, True
        if not moved:
            break
    return best


def disagreeing(order: Sequence[int], votes: NDArray[np.float64]) -> float:
    """Weight of the votes for what lies behind in an order (indices, back to front) against what lies before it."""
    taken = votes[np.ix_(order, order)]
    return float(np.triu(taken, 1).sum())


def agreement(order: Sequence[int], weights: NDArray[np.float64]) -> float:
    """Which part, 0 to 1, of the votes agrees with an order of parts 1 to n; 1 where there are none."""
    total = float(weights.sum())
    return 1.0 if total == 0 else 1 - disagreeing(order, weights) / total


def confidences(order: Sequence[int], weights: NDArray[np.float64]) -> dict[int, float]:
    """For each part, how surely it lies where it does: 0 where nothing speaks, 1 where much speaks and nothing against it."""
    rank = {part: place for place, part in enumerate(order)}
    found = {}
    for part in order:
        for_it = against = 0.0
        for other in order:
            if other == part:
                continue
            front, behind = (part, other) if rank[part] > rank[other] else (other, part)
            for_it += weights[front, behind]
            against += weights[behind, front]
        total = for_it + against
        found[part] = 0.0 if total == 0 else max(0.0, (for_it - against) / total) * min(1.0, total)
    return found


def levels(order: Sequence[int], touching: Sequence[tuple[int, int]]) -> dict[int, int]:
    """How many steps each part stands above the backmost: one more than the highest neighbour behind it.

    touching: pairs of parts with a common border. Parts that touch none behind them stand on level 0.
    """
    rank = {part: place for place, part in enumerate(order)}
    found: dict[int, int] = {}
    for part in order:
        behind = [found[other] for one, other in touching if one == part and other in found and rank[other] < rank[part]]
        found[part] = max(behind) + 1 if behind else 0
    return found
