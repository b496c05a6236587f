"""Multi-resolution hash encoding (Müller 2022, section 3): features at the corners of grids from coarse to fine.

Level l has floor(base growth^l) cells along an axis. Where its corners fit into the table each has a row of its own; else a
row is shared by all corners with the same hash (equation 4). A point's features are interpolated trilinearly at each level.
`encode_reference` is plain torch, differentiable twice, on any device; on a CPU the module takes the numba engine, which
gives first derivatives of table and positions.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

_PRIMES = (1, 2_654_435_761, 805_459_861)  # equation 4


@dataclass(frozen=True, kw_only=True)
class GridLevels:
    """The sizes of all levels, and where each begins in the one table."""

    cells: tuple[int, ...]  # along an axis
    firsts: tuple[int, ...]  # first row of each level
    rows: tuple[int, ...]  # of each level
    features: int  # a row

    @classmethod
    def between(cls, base: int, finest: int, levels: int, *, most_rows: int, features: int) -> GridLevels:
        """`levels` levels of geometrically growing resolution (equations 2 and 3); most_rows: a power of two."""
        growth = (finest / base) ** (1 / max(1, levels - 1))
        cells = tuple(int(base * growth**level + 1e-6) for level in range(levels))
        rows = tuple(min(most_rows, (count + 1) ** 3) for count in cells)
        firsts = tuple(int(first) for first in np.cumsum([0, *rows[:-1]]))
        return cls(cells=cells, firsts=firsts, rows=rows, features=features)

    @property
    def total(self) -> int:
        """Rows of all levels together."""
        return self.firsts[-1] + self.rows[-1]

    @property
    def channels(self) -> int:
        """Features of a point, all levels together."""
        return len(self.cells) * self.features

    def arrays(self) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """Cells, first rows and rows of each level, as the engine takes them."""
        return np.array(self.cells), np.array(self.firsts), np.array(self.rows)


def encode_reference(positions: Tensor, table: Tensor, levels: GridLevels, active: int) -> Tensor:
    """(n, channels) features at positions (n, 3) within 0 to 1; table (rows, features). Levels from `active` on give 0."""
    parts = []
    for level, (cells, first, rows) in enumerate(zip(levels.cells, levels.firsts, levels.rows, strict=True)):
        if level >= active:
            parts.append(positions.new_zeros(len(positions), levels.features))
            continue
        scaled = positions.clamp(0, 1) * cells
        corner = scaled.detach().floor().clamp(0, cells - 1)
        place = scaled - corner
        low = corner.long()
        blended = positions.new_zeros(len(positions), levels.features)
        for offset in range(8):
            shift = (offset >> 2 & 1, offset >> 1 & 1, offset & 1)
            node = low + torch.tensor(shift, device=low.device)
            weight = torch.ones_like(place[:, 0])
            for axis in range(3):
                weight = weight * (place[:, axis] if shift[axis] else 1 - place[:, axis])
            blended = blended + weight[:, None] * table[first + _row(node, cells, rows)]
        parts.append(blended)
    return torch.cat(parts, dim=1)


def _row(node: Tensor, cells: int, rows: int) -> Tensor:
    """(n,) the row of nodes (n, 3) within their level."""
    if rows == (cells + 1) ** 3:
        return (node[:, 0] * (cells + 1) + node[:, 1]) * (cells + 1) + node[:, 2]
    mixed = (node[:, 0] * _PRIMES[0]) ^ (node[:, 1] * _PRIMES[1]) ^ (node[:, 2] * _PRIMES[2])
    return mixed % rows


class GridEncoding(nn.Module):
    """The encoding with its table. `active`: levels in use, for fits from coarse to fine."""

    def __init__(self, levels: GridLevels) -> None:
        super().__init__()
        self.levels = levels
        self.active = len(levels.cells)
        self.table = nn.Parameter((torch.rand(levels.total, levels.features) * 2 - 1) * 1e-4)  # section 4

    def forward(self, positions: Tensor) -> Tensor:
        """(n, channels) at positions (n, 3) within 0 to 1."""
        if positions.device.type == "cpu":
            return _encode(positions, self.table, self.levels, self.active)
        return encode_reference(positions, self.table, self.levels, self.active)

    def total_variation(self, count: int, generator: torch.Generator) -> Tensor:
        """Squared differences between neighbouring corners, mean over `count` random cells: total variation (nerf2mesh)."""
        device = self.table.device
        corner = torch.rand(count, 3, generator=generator).to(device)
        total = self.table.new_zeros(())
        for cells, first, rows in zip(self.levels.cells, self.levels.firsts, self.levels.rows, strict=True):
            node = (corner * cells).long()
            here = self.table[first + _row(node, cells, rows)]
            for axis in range(3):
                beside = node + torch.tensor([int(axis == other) for other in range(3)], device=device)
                total = total + ((self.table[first + _row(beside, cells, rows)] - here) ** 2).sum()
        return total / count


_once_differentiable: Callable[[Callable[..., Any]], Callable[..., Any]] = torch.autograd.function.once_differentiable


class _Engine(torch.autograd.Function):
    """numba's encoding for autograd."""

    @staticmethod
    def forward(ctx: Any, positions: Tensor, table: Tensor, levels: GridLevels, active: int) -> Tensor:
        from .grid_encoding_numba import encode

        ctx.save_for_backward(positions, table)
        ctx.levels, ctx.active = levels, active
        made = np.zeros((len(positions), levels.channels), np.float32)
        encode(positions.detach().contiguous().numpy(), table.detach().numpy(), levels.arrays(), active, made)
        return torch.from_numpy(made)

    @staticmethod
    @_once_differentiable
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, Tensor, None, None]:
        from .grid_encoding_numba import encode_backward

        positions, table = ctx.saved_tensors
        wanted = ctx.needs_input_grad
        of_table = np.zeros(table.shape, np.float32)
        of_positions = np.zeros((len(ctx.levels.cells) if wanted[0] else 0, len(positions), 3), np.float32)
        encode_backward(
            positions.detach().contiguous().numpy(),
            table.detach().numpy(),
            ctx.levels.arrays(),
            ctx.active,
            gradients[0].contiguous().numpy(),
            of_table,
            of_positions,
        )
        return torch.from_numpy(of_positions.sum(0)) if wanted[0] else None, torch.from_numpy(of_table), None, None


_encode: Callable[[Tensor, Tensor, GridLevels, int], Tensor] = _Engine.apply
