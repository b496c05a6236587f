"""From similarities to the probability of each match: the product of two softmaxes (equation 2), or Sinkhorn's iterations."""

from __future__ import annotations

import math

import torch
from torch import Tensor


def dual_softmax(similarity: Tensor) -> Tensor:
    """Log of equation 2: softmax over rows times softmax over columns of S (b, n, m)."""
    return 2 * similarity - similarity.logsumexp(-1, keepdim=True) - similarity.logsumexp(-2, keepdim=True)


def sinkhorn(similarity: Tensor, dustbin: Tensor, iterations: int) -> Tensor:
    """Log probabilities (b, n + 1, m + 1) of the optimal transport between points, each side with a dustbin.

    SuperGlue (Sarlin et al., 2020), section 3.3: a point carries mass 1, a dustbin as much as the other side has points; so a
    point's row, dustbin included, adds up to 1.
    """
    batch, n, m = similarity.shape
    table = torch.cat(
        [
            torch.cat([similarity, dustbin.expand(batch, n, 1)], dim=-1),
            dustbin.expand(batch, 1, m + 1),
        ],
        dim=-2,
    )
    mass_a = similarity.new_zeros(n + 1)
    mass_b = similarity.new_zeros(m + 1)
    mass_a[-1], mass_b[-1] = math.log(max(m, 1)), math.log(max(n, 1))
    u, v = torch.zeros_like(table[:, :, 0]), torch.zeros_like(table[:, 0])
    for _ in range(iterations):
        v = mass_b - (table + u[:, :, None]).logsumexp(-2)
        u = mass_a - (table + v[:, None]).logsumexp(-1)
    return table + u[:, :, None] + v[:, None]
