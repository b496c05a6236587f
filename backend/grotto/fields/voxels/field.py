"""The voxel field of many views: sparse records of density and view-dependent colour."""

from __future__ import annotations

import math

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ...render.volume import Composite
from ...scene import Lattice, Region, corner_weights
from ..field import Field, FieldSample
from .engine import CHANNELS, THINNEST, Marched, render_rays
from .grid import EMPTY, SparseGrid

STEP = 1.0  # cells between samples; rays begin at random places in their first step
SHIFT = math.log(math.expm1(-math.log(1 - 1e-2)))  # added to raw density: a zero record has a transmittance of 99 % per cell
_SURFACE_CELLS = 5.0  # cells in which the transmittance halves at the surface level


class SparseVoxels(Field):
    """Density is softplus(interpolated raw + SHIFT) per cell; colour the logistic of interpolated first-order harmonics."""

    index: Tensor  # (nx, ny, nz) int32 row of each node
    table: Tensor  # (rows, 16) see `engine`

    def __init__(self, region: Region, grid: SparseGrid) -> None:
        lattice = grid.lattice
        super().__init__(region, step=STEP * lattice.step, level=math.log(2) / (_SURFACE_CELLS * lattice.step))
        self.lattice = lattice
        self.register_buffer("index", torch.from_numpy(grid.index))
        self.register_buffer("table", torch.from_numpy(grid.table))
        self._blocks: NDArray[np.uint8] | None = None

    def settings(self) -> dict[str, float | int | str]:
        low, counts = self.lattice.lowest, self.lattice.counts
        return {
            "layout": "many",
            "rows": len(self.table),
            "step": self.lattice.step,
            **{f"lowest_{axis}": low[number] for number, axis in enumerate("xyz")},
            **{f"count_{axis}": counts[number] for number, axis in enumerate("xyz")},
        }

    def grid(self) -> SparseGrid:
        """The field's own arrays, shared with it."""
        return SparseGrid(lattice=self.lattice, index=self.index.cpu().numpy(), table=self.table.cpu().numpy())

    def forward(self, positions: Tensor, directions: Tensor | None = None) -> FieldSample:
        blended, inside = self.blended(positions)
        density = torch.nn.functional.softplus(blended[:, 0] + SHIFT) / self.lattice.step
        return FieldSample(density=torch.where(inside, density, 0.0), colour=colour_of(blended, directions))

    def blended(self, positions: Tensor) -> tuple[Tensor, Tensor]:
        """Interpolated records (n, 16) at world positions (n, 3), and (n,) whether they are inside the lattice."""
        cell, places, inside = self.lattice.cells(positions)
        offsets = torch.tensor(self.lattice.corner_offsets(), device=positions.device)
        rows = self.index.reshape(-1)[cell[:, None] + offsets].long()
        return (corner_weights(places)[..., None] * self.table[rows]).sum(1), inside

    def live(self, positions: Tensor) -> Tensor:
        cell, _, inside = self.lattice.cells(positions)
        offsets = torch.tensor(self.lattice.corner_offsets(), device=positions.device)
        return inside & (self.index.reshape(-1)[cell[:, None] + offsets] != EMPTY).any(1)

    def render_rays(self, origins: Tensor, directions: Tensor) -> Composite:
        """As `Field.render_rays`; on the CPU by the numba engine, which keeps no weights and gives no gradients."""
        if origins.device.type != "cpu":
            return super().render_rays(origins, directions)
        if self._blocks is None:
            self._blocks = self.grid().blocks()
        rays = rays_in_cells(self.lattice, origins, directions)
        made = torch.from_numpy(
            render_rays(rays, Marched(self.table.numpy(), self.index.numpy(), self._blocks, STEP, SHIFT, 1.0, True, THINNEST))
        )
        return Composite(
            weights=made[:, 3:4],
            colour=made[:, :3],
            opacity=made[:, 3],
            distance_expected=made[:, 4] * self.lattice.step,
            distance_median=made[:, 5] * self.lattice.step,
        )


def colour_of(blended: Tensor, directions: Tensor | None) -> Tensor:
    """(n, 3) colour of interpolated records (n, 16) along unit directions (n, 3); without, the mean over directions."""
    logits = blended[:, 1:4]
    if directions is not None:
        logits = logits + (blended[:, 4:13].reshape(-1, 3, 3) * directions[:, None]).sum(2)
    return torch.sigmoid(logits)


def rays_in_cells(lattice: Lattice, origins: Tensor, directions: Tensor) -> NDArray[np.float32]:
    """(n, 6) origins in cells from the lattice's lowest node, and unit directions."""
    low = torch.tensor(lattice.lowest, dtype=torch.float64)
    return torch.cat([((origins.double() - low) / lattice.step).float(), directions.float()], dim=1).numpy()


def build_sparse_voxels(region: Region, settings: dict[str, float | int | str]) -> SparseVoxels:
    """An empty field with the sizes of `settings`."""
    low = (float(settings["lowest_x"]), float(settings["lowest_y"]), float(settings["lowest_z"]))
    counts = (int(settings["count_x"]), int(settings["count_y"]), int(settings["count_z"]))
    lattice = Lattice(lowest=low, step=float(settings["step"]), counts=counts)
    table = np.zeros((int(settings["rows"]), CHANNELS), np.float32)
    return SparseVoxels(region, SparseGrid(lattice=lattice, index=np.zeros(counts, np.int32), table=table))
