"""Matches of two pictures: pairs of points whose probability is the largest of its row and of its column."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from .network import Matcher
from .points import MatchPoints, batch_of

COVERAGE, STRICT = 0.1, 0.3  # least probabilities: many matches, or few false ones as structure from motion wants them


@dataclass(frozen=True)
class ScoredMatches:
    """m candidate matches."""

    rows: NDArray[np.int64]  # (m, 2) of the first and the second picture
    probability: NDArray[np.float32]  # (m,)

    def at_least(self, probability: float) -> NDArray[np.int64]:
        """Rows of the matches that are at least so probable."""
        return self.rows[self.probability >= probability]


def mutual_best(table: torch.Tensor) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Rows (m, 2) of the entries of (n, k) that are the largest of their row and column, and their values."""
    if 0 in table.shape:
        return np.zeros((0, 2), np.int64), np.zeros(0, np.float32)
    values, best = table.max(dim=1)
    rows = torch.arange(len(table), device=table.device)
    mutual = table.argmax(dim=0)[best] == rows
    pairs = torch.stack([rows[mutual], best[mutual]], dim=1)
    return pairs.cpu().numpy().astype(np.int64), values[mutual].float().cpu().numpy()


def match_points(network: Matcher, first: MatchPoints, second: MatchPoints) -> ScoredMatches:
    """Match two pictures (section "Attention-guided feature matching"): candidates with equation 4's probability."""
    if not len(first) or not len(second):
        return ScoredMatches(np.zeros((0, 2), np.int64), np.zeros(0, np.float32))
    device = next(network.parameters()).device
    with torch.inference_mode():
        scores = network(batch_of([first], device), batch_of([second], device))[-1]
        rows, log_probability = mutual_best(network.assign(scores).match[0])
    return ScoredMatches(rows, np.exp(log_probability))
