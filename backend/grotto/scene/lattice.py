"""A regular lattice of points in the world: where voxel fields have their values, and what hulls are carved from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from .region import Region

if TYPE_CHECKING:  # torch is loaded by the calls that compute with it, so that cameras and regions come without it
    from torch import Tensor


@dataclass(frozen=True, kw_only=True)
class Lattice:
    """Nodes at lowest + step * (i, j, k). Flat indices run over k first, as C arrays (nx, ny, nz) do."""

    lowest: tuple[float, float, float]
    step: float  # world units
    counts: tuple[int, int, int]

    @classmethod
    def over(cls, region: Region, resolution: int) -> Lattice:
        """Nodes that fill a region, `resolution` of them along its longest side, in its middle along the others."""
        step = float(region.size.max()) / (resolution - 1)
        counts = np.maximum(2, np.ceil(region.size / step - 1e-6).astype(int) + 1)
        lowest = region.centre - 0.5 * step * (counts - 1)
        return cls(lowest=_three(lowest), step=step, counts=(int(counts[0]), int(counts[1]), int(counts[2])))

    @property
    def box(self) -> NDArray[np.float64]:
        """(2, 3) lowest and highest node."""
        low = np.asarray(self.lowest)
        return np.stack([low, low + self.step * (np.asarray(self.counts) - 1)])

    def positions(self, nodes: Tensor) -> Tensor:
        """World positions (n, 3) float32 of nodes given by flat index (n,)."""
        import torch

        low = torch.tensor(self.lowest, dtype=torch.float64, device=nodes.device)
        return (low + self.step * self.triples(nodes).double()).float()

    def triples(self, nodes: Tensor) -> Tensor:
        """(n, 3) int64 (i, j, k) of flat indices (n,)."""
        import torch

        _, ny, nz = self.counts
        return torch.stack([nodes // (ny * nz), nodes // nz % ny, nodes % nz], dim=1)

    def cells(self, positions: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """For world positions (n, 3): the flat index (n,) of their cell's lowest node, the place in the cell (n, 3), 0 to 1,
        and (n,) bool whether they are inside the lattice; outside, the nearest cell and a place clamped to it."""
        import torch

        low = torch.tensor(self.lowest, dtype=positions.dtype, device=positions.device)
        most = torch.tensor(self.counts, dtype=positions.dtype, device=positions.device) - 1
        scaled = (positions - low) / self.step
        inside = ((scaled >= 0) & (scaled <= most)).all(1)
        scaled = torch.minimum(scaled.clamp_min(0), most)
        cell = torch.minimum(scaled.floor(), most - 1)
        i, j, k = cell.long().unbind(1)
        return (i * self.counts[1] + j) * self.counts[2] + k, scaled - cell, inside

    def corner_offsets(self) -> tuple[int, ...]:
        """What to add to a cell's flat index for its eight corners, z fastest."""
        _, ny, nz = self.counts
        return tuple(i * ny * nz + j * nz + k for i in (0, 1) for j in (0, 1) for k in (0, 1))


def corner_weights(places: Tensor) -> Tensor:
    """Trilinear weights (n, 8) of a cell's corners for places (n, 3) in it, in the order of `corner_offsets`."""
    import torch

    sides = torch.stack([1 - places, places], dim=1)
    x, y, z = sides[:, :, 0], sides[:, :, 1], sides[:, :, 2]
    return (x[:, :, None, None] * y[:, None, :, None] * z[:, None, None, :]).reshape(len(places), 8)


def _three(values: NDArray[np.float64]) -> tuple[float, float, float]:
    return float(values[0]), float(values[1]), float(values[2])
