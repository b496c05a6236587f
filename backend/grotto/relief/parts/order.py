"""Order parts from back to front by their depth-order cues."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

_RIDGE = 1e-3  # regularisation: parts without cues stay in the middle


def rank_parts(weights: NDArray[np.float64]) -> tuple[int, ...]:
    """Rank parts 1 to n from back to front by weights (n + 1, n + 1) for the row's part lying before the column's.

    First by least squares on pairwise differences (HodgeRank, Jiang et al. 2011), then by moving single parts while that lowers
    the weight of the disagreeing cues: a local search for the minimum feedback arc set.
    """
    count = len(weights) - 1
    votes = weights[1:, 1:]
    both = votes + votes.T
    difference = np.divide(votes - votes.T, both, out=np.zeros_like(votes), where=both > 0)
    system = np.diag(both.sum(1)) - both + _RIDGE * np.eye(count)
    height = np.linalg.solve(system, (both * difference).sum(1))
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
    """Weight of the cues that contradict an order (indices, back to front)."""
    taken = votes[np.ix_(order, order)]
    return float(np.triu(taken, 1).sum())


def agreement(order: Sequence[int], weights: NDArray[np.float64]) -> float:
    """Part, 0 to 1, of the cues' weight that agrees with an order of parts 1 to n; 1 where there are none."""
    total = float(weights.sum())
    return 1.0 if total == 0 else 1 - disagreeing(order, weights) / total


def part_confidences(order: Sequence[int], weights: NDArray[np.float64]) -> dict[int, float]:
    """Confidence of each part's place: 0 without cues, 1 where strong cues agree and none contradicts."""
    rank = {part: place for place, part in enumerate(order)}
    found = {}
    for part in order:
        agreeing = against = 0.0
        for other in order:
            if other == part:
                continue
            front, behind = (part, other) if rank[part] > rank[other] else (other, part)
            agreeing += weights[front, behind]
            against += weights[behind, front]
        total = agreeing + against
        found[part] = 0.0 if total == 0 else max(0.0, (agreeing - against) / total) * min(1.0, total)
    return found


def part_levels(order: Sequence[int], touching: Sequence[tuple[int, int]]) -> dict[int, int]:
    """Level of each part: one above its highest neighbour behind it, 0 for the backmost.

    touching: pairs of parts with a common border. Parts that touch none behind them stand on level 0.
    """
    rank = {part: place for place, part in enumerate(order)}
    found: dict[int, int] = {}
    for part in order:
        behind = [found[other] for one, other in touching if one == part and other in found and rank[other] < rank[part]]
        found[part] = max(behind) + 1 if behind else 0
    return found
