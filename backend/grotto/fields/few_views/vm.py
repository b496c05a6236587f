"""Vector-matrix factors fitted directly, regularised by total variation (Chen et al. 2022, TensoRF)."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from .factors import NodeLookup
from .node_values import NodeValues

COMPONENTS = 16  # of each of the three pairs
LEARNING_RATE = 2e-2  # TensoRF, opt.py: of the factors
BETAS = (0.9, 0.99)


@dataclass(frozen=True, kw_only=True)
class Start:
    """First values of the factors, and the weight of their total variation."""

    raw: float  # density
    line_mean: float
    spread: float  # of planes and lines about their means
    tv_weight: float


OURS = Start(raw=3.0, line_mean=0.3, spread=0.1, tv_weight=0.1)
# TensoRF, tensoRF.py: scale .1 of all factors; configs/flower.txt: TV_weight 1, and tensoRF.py takes 2e-2 of it.
PLAIN = Start(raw=-2.0, line_mean=0.0, spread=0.1, tv_weight=2e-2)


class VectorMatrix(NodeValues):
    """Raw values (n, 4) of live nodes from three planes and three lines."""

    def __init__(self, triples: Tensor, side: int, start: Start = OURS) -> None:
        """triples (n, 3): the live nodes on a lattice of at most `side` nodes a side. First weights: torch's generator."""
        super().__init__()
        self._start, self._lookup = start, NodeLookup(triples, side)
        self.planes = torch.nn.Parameter(start.spread * torch.randn(3, side * side, COMPONENTS))
        self.lines = torch.nn.Parameter(start.line_mean + start.spread * torch.randn(3, side, COMPONENTS))
        self.head = torch.nn.Linear(COMPONENTS, 4)
        self.register_buffer("_first", torch.tensor([start.raw, 0.0, 0.0, 0.0]), persistent=False)

    def forward(self, wanted: Tensor | None = None) -> Tensor:
        return self.head(self._lookup(self.planes, self.lines, wanted)) + self._first

    def penalty(self) -> Tensor:
        """Mean squared difference of neighbours in planes and lines."""
        side = self._lookup.size
        planes = self.planes.reshape(3, side, side, -1)
        across, down = planes[:, 1:] - planes[:, :-1], planes[:, :, 1:] - planes[:, :, :-1]
        along = self.lines[:, 1:] - self.lines[:, :-1]
        return self._start.tv_weight * (across.square().mean() + down.square().mean() + along.square().mean())
