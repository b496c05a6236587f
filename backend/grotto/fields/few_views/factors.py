"""Vector-matrix factors: a volume as three planes, each times a line across it (Chen et al. 2022, TensoRF, eq. 3)."""

from __future__ import annotations

import torch
from torch import Tensor

PLANES = ((0, 1), (0, 2), (1, 2))  # axes of each plane; its line is the third
_LINES = (2, 1, 0)


class NodeLookup:
    """Indices of the nodes of a cubic lattice in planes and lines of the same resolution."""

    def __init__(self, triples: Tensor, size: int) -> None:
        """triples (n, 3) int64 (i, j, k); size: entries of a line, and along a side of a plane."""
        self.size = size
        self._in_plane = [triples[:, first] * size + triples[:, second] for first, second in PLANES]
        self._in_line = [triples[:, axis].contiguous() for axis in _LINES]

    def __call__(self, planes: Tensor, lines: Tensor, wanted: Tensor | None = None) -> Tensor:
        """Features (n, c) of all nodes, or of the numbers `wanted`: the sum over the three pairs.

        planes (3, size * size, c), lines (3, size, c).
        """
        features = torch.zeros((), device=planes.device)
        for pair in range(3):
            in_plane, in_line = self._in_plane[pair], self._in_line[pair]
            if wanted is not None:
                in_plane, in_line = in_plane[wanted], in_line[wanted]
            features = features + planes[pair].index_select(0, in_plane) * lines[pair].index_select(0, in_line)
        return features
