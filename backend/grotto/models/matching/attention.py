"""Multi-head attention within a picture, with rotary positions, and between two pictures: one loop of the matcher.

Vaswani et al. (2017), section 3.2; rotary positions after Su et al. (2021), section 3, over two axes as LightGlue
(Lindenberger et al., 2023, section 3.1) has them, with fixed frequencies.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

_SLOWEST, _FASTEST = 1.0, 24.0  # radians per half of the picture's longer side


class RotaryPositions(nn.Module):
    """Turns of queries and keys by their place: products of the two then depend on the difference of places."""

    frequencies: Tensor

    def __init__(self, head_width: int) -> None:
        super().__init__()
        each = head_width // 4  # pairs of components per axis
        steps = torch.linspace(math.log(_SLOWEST), math.log(_FASTEST), each)
        self.register_buffer("frequencies", steps.exp(), persistent=False)

    def forward(self, place: Tensor) -> tuple[Tensor, Tensor]:
        """Cosines and sines (b, 1, n, head width / 2) of places (b, n, 2)."""
        angle = (place[..., None] * self.frequencies).flatten(-2)[:, None]
        return angle.cos(), angle.sin()


def turned(values: Tensor, cosine: Tensor, sine: Tensor) -> Tensor:
    """Turn the pairs of components of `values` (b, heads, n, head width)."""
    first, second = values.chunk(2, dim=-1)
    return torch.cat([first * cosine - second * sine, first * sine + second * cosine], dim=-1)


class Attention(nn.Module):
    """A message for each point of one set, from all points of another, and the update of the embedding by it."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self._heads = heads
        self.query, self.key, self.value = (nn.Linear(width, width) for _ in range(3))
        self.merge = nn.Linear(width, width)
        self.update = nn.Sequential(
            nn.Linear(2 * width, 2 * width), nn.LayerNorm(2 * width), nn.GELU(), nn.Linear(2 * width, width)
        )

    def forward(self, x: Tensor, source: Tensor, turns: tuple[Tensor, Tensor] | None = None) -> Tensor:
        """New embeddings (b, n, width) of `x`, whose points attend to `source` (b, m, width).

        turns: of `RotaryPositions`, where both sets are the same.
        """
        query, key, value = self._split(self.query(x)), self._split(self.key(source)), self._split(self.value(source))
        if turns is not None:
            query, key = turned(query, *turns), turned(key, *turns)
        message = functional.scaled_dot_product_attention(query, key, value)
        message = self.merge(message.transpose(1, 2).flatten(2))
        updated: Tensor = x + self.update(torch.cat([x, message], dim=-1))
        return updated

    def _split(self, values: Tensor) -> Tensor:
        return values.reshape(*values.shape[:-1], self._heads, -1).transpose(1, 2)


class Loop(nn.Module):
    """Self attention in both pictures, then cross attention between them, with the same weights for both."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.within, self.between = Attention(width, heads), Attention(width, heads)

    def forward(
        self, xa: Tensor, xb: Tensor, turns_a: tuple[Tensor, Tensor], turns_b: tuple[Tensor, Tensor]
    ) -> tuple[Tensor, Tensor]:
        """New embeddings of both pictures."""
        xa, xb = self.within(xa, xa, turns_a), self.within(xb, xb, turns_b)
        return self.between(xa, xb), self.between(xb, xa)
