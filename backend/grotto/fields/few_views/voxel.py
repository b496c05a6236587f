"""A value at each live node, regularised by total variation: the draft among fields."""

from __future__ import annotations

import torch
from torch import Tensor

from .node_values import NodeValues

LEARNING_RATE = 0.1
BETAS = (0.9, 0.99)
TV_WEIGHT = 1e-3
FIRST_RAW = 3.0


class VoxelValues(NodeValues):
    """Raw values (n, 4) of live nodes, each a parameter."""

    def __init__(self, triples: Tensor, counts: tuple[int, int, int], first_raw: float = FIRST_RAW) -> None:
        """triples (n, 3): the live nodes of a lattice with these counts. first_raw: density that all have at the start."""
        super().__init__()
        self.values = torch.nn.Parameter(torch.tensor([first_raw, 0.0, 0.0, 0.0]).repeat(len(triples), 1))
        rank = torch.full(counts, -1, dtype=torch.int64, device=triples.device)
        rank[tuple(triples.unbind(1))] = torch.arange(len(triples), device=triples.device)
        for axis in range(3):
            low = rank.narrow(axis, 0, counts[axis] - 1).reshape(-1)
            high = rank.narrow(axis, 1, counts[axis] - 1).reshape(-1)
            both = (low >= 0) & (high >= 0)
            self.register_buffer(f"_pairs_{axis}", torch.stack([low[both], high[both]]), persistent=False)

    def forward(self, wanted: Tensor | None = None) -> Tensor:
        return self.values if wanted is None else self.values.index_select(0, wanted)

    def penalty(self) -> Tensor:
        """Mean squared difference of neighbours along each axis."""
        return self.total_variation(self.values) * TV_WEIGHT

    def total_variation(self, values: Tensor) -> Tensor:
        """Mean squared difference of neighbours, of any values (n, c) of the live nodes, summed over the axes."""
        total = values.new_zeros(())
        for axis in range(3):
            low, high = self.get_buffer(f"_pairs_{axis}")
            if len(low):
                total = total + (values.index_select(0, low) - values.index_select(0, high)).square().mean()
        return total
