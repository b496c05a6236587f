"""Where each point's partner is expected, told to the point after a loop, and the term of S that follows from it.

Not in the paper. Self attention can then compare the displacements of neighbours, which on a wall agree.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn

_OCTAVES = 4
_SHARPEST = 60.0  # inverse halves of the picture's longer side
_SLOW = 10.0  # parameters that act through exp(10 theta) move as fast as others
_FIRST_WEIGHT = 0.05  # of the position term


@dataclass(frozen=True)
class Expected:
    """What a row's softmax says about the partners of n points."""

    place: Tensor  # (b, n, 2) in the other picture
    spread: Tensor  # (b, n) RMS distance of likely partners from it
    confidence: Tensor  # (b, n) log of the largest share
    embedding: Tensor  # (b, n, width) mean of the partners'


def expect(similarity: Tensor, place: Tensor, x: Tensor) -> Expected:
    """Means over the softmax of the rows of S (b, n, m), of places (b, m, 2) and embeddings (b, m, width)."""
    share = similarity.softmax(-1)
    mean = share @ torch.cat([place, (place**2).sum(-1, keepdim=True), x], dim=-1)
    spread = (mean[..., 2] - (mean[..., :2] ** 2).sum(-1)).clamp(min=1e-6).sqrt()
    return Expected(mean[..., :2], spread, share.amax(-1).clamp(min=1e-9).log(), mean[..., 3:])


class Feedback(nn.Module):
    """Adds to an embedding what is expected of its partner."""

    frequencies: Tensor

    def __init__(self, width: int) -> None:
        super().__init__()
        self.register_buffer("frequencies", math.pi * 2.0 ** torch.arange(_OCTAVES) / 2, persistent=False)
        inputs = 4 * (2 * _OCTAVES + 1) + 2 + width
        first, last = nn.Linear(inputs, 2 * width), nn.Linear(2 * width, width)
        nn.init.zeros_(last.weight)
        nn.init.zeros_(last.bias)
        self.update = nn.Sequential(first, nn.GELU(), last)

    def forward(self, x: Tensor, place: Tensor, expected: Expected) -> Tensor:
        """New embeddings (b, n, width)."""
        both = torch.cat([place, expected.place], dim=-1)
        waves = (both[..., None] * self.frequencies).flatten(-2)
        certainty = torch.stack([expected.confidence, expected.spread.log()], dim=-1)
        told = [both, waves.sin(), waves.cos(), certainty, expected.embedding]
        updated: Tensor = x + self.update(torch.cat(told, dim=-1))
        return updated


class PositionTerm(nn.Module):
    """The place where a partner is sought, how sharply, and what S loses with the distance from it."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.offset, self.log_sharpness = nn.Linear(width, 2), nn.Linear(width, 1)
        nn.init.zeros_(self.offset.weight)
        nn.init.zeros_(self.offset.bias)
        self.log_weight = nn.Parameter(torch.tensor(math.log(_FIRST_WEIGHT / 0.5) / _SLOW))

    def sought(self, x: Tensor, expected: Expected) -> tuple[Tensor, Tensor]:
        """Places (b, n, 2) in the other picture, and sharpness (b, n)."""
        sharpness = self.log_sharpness(x)[..., 0].clamp(max=math.log(_SHARPEST)).exp()
        return expected.place + self.offset(x), sharpness

    def forward(self, sought: Tensor, sharpness: Tensor, place: Tensor) -> Tensor:
        """What S loses: (b, n, m) for sought places (b, n, 2) and the other picture's points (b, m, 2)."""
        squared = sharpness**2 * 0.5 * (_SLOW * self.log_weight).exp()
        ours = torch.cat([(sought**2).sum(-1, keepdim=True), -2 * sought, torch.ones_like(sought[..., :1])], dim=-1)
        theirs = torch.cat([torch.ones_like(place[..., :1]), place, (place**2).sum(-1, keepdim=True)], dim=-1)
        return (squared[..., None] * ours) @ theirs.transpose(-1, -2)
