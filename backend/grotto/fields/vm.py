"""Vector-matrix factors fitted directly, held smooth by their total variation (Chen et al. 2022, TensoRF)."""

from __future__ import annotations

import torch
from torch import Tensor

from .factors import NodeLookup

COMPONENTS = 16  # of each of the three pairs
LEARNING_RATE = 2e-2  # TensoRF, opt.py: of the factors
BETAS = (0.9, 0.99)
TV_WEIGHT = 0.1
FIRST_RAW = 3.0


class VectorMatrix(torch.nn.Module):
    """Raw values (n, 4) of live nodes from three planes and three lines."""

    def __init__(self, triples: Tensor, side: int) -> None:
        """triples (n, 3): the live nodes on a lattice of at most `side` nodes a side. First weights: torch's generator."""
        super().__init__()
        self._lookup = NodeLookup(triples, side)
        self.planes = torch.nn.Parameter(0.1 * torch.randn(3, side * side, COMPONENTS))
        self.lines = torch.nn.Parameter(0.3 + 0.1 * torch.randn(3, side, COMPONENTS))
        self.head = torch.nn.Linear(COMPONENTS, 4)
        self.register_buffer("_first", torch.tensor([FIRST_RAW, 0.0, 0.0, 0.0]), persistent=False)

    def forward(self, wanted: Tensor | None = None) -> Tensor:
        """Raw values of all live nodes, or of some, by their numbers (k,)."""
        return self.head(self._lookup(self.planes, self.lines, wanted)) + self._first

    def penalty(self) -> Tensor:
        """Mean squared difference of neighbours in planes and lines."""
        side = self._lookup.size
        planes = self.planes.reshape(3, side, side, -1)
        across, down = planes[:, 1:] - planes[:, :-1], planes[:, :, 1:] - planes[:, :, :-1]
        along = self.lines[:, 1:] - self.lines[:, :-1]
        return TV_WEIGHT * (across.square().mean() + down.square().mean() + along.square().mean())
