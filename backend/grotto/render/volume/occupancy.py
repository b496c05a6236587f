"""Occupancy grid: the cells of a region in which there may be something, so that rays skip the others (Müller 2022, E.2)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from ...scene import Lattice, Region, View, visual_hull

_DECAY = 0.95  # of the remembered density, at each update (Müller 2022, appendix E.2)


@dataclass(frozen=True, kw_only=True)
class Packed:
    """Samples of many rays in one list; those of ray i are offsets[i] up to, not including, offsets[i + 1]."""

    ray: Tensor  # (m,) int64
    distances: Tensor  # (m,) along the ray, the middles of the steps
    offsets: Tensor  # (rays + 1,) int64


class OccupancyGrid(torch.nn.Module):
    """Cubic cells over a region. Begins full, or carved by masks; later it follows the density of a field.

    A field is meaningless where it was never evaluated, so a field keeps its grid: `cells` is part of its weights.
    """

    cells: Tensor  # (nx, ny, nz) bool
    _carved: Tensor
    _memory: Tensor

    def __init__(self, region: Region, resolution: int, device: torch.device | None = None) -> None:
        """resolution: cells along the region's longest side."""
        super().__init__()
        self.lattice = Lattice.over(region, resolution + 1)
        self.counts = tuple(count - 1 for count in self.lattice.counts)
        self.register_buffer("cells", torch.ones(self.counts, dtype=torch.bool, device=device))
        self.register_buffer("_carved", self.cells.clone(), persistent=False)
        self.register_buffer("_memory", torch.zeros(self.counts, device=device), persistent=False)

    def carve(self, views: Sequence[View]) -> None:
        """Leave only cells that all masks allow, two views in a hundred spared. Views without alpha allow everything."""
        hull = visual_hull(views, self.lattice, dilation_px=1.0, spared=len(views) // 50)
        for axis in range(3):  # a cell may hold something if any of its corners may
            hull = hull.take(range(hull.shape[axis] - 1), axis) | hull.take(range(1, hull.shape[axis]), axis)
        self._carved = torch.from_numpy(np.ascontiguousarray(hull)).to(self.cells.device)
        self.cells = self._carved.clone()

    @torch.no_grad()
    def update(self, thickness: Callable[[Tensor], Tensor], threshold: float, generator: torch.Generator) -> None:
        """Ask a field once at a random place in each cell that masks allow; keep cells above a threshold.

        thickness: from world positions (n, 3) to optical thickness (n,) of a step there. The threshold is lowered to the mean
        where that is less (as Müller 2022), so that a young field does not lose everything.
        """
        flat = torch.nonzero(self._carved.reshape(-1))[:, 0]
        places = torch.rand(len(flat), 3, generator=generator).to(flat.device)
        _, ny, nz = self.counts
        corner = torch.stack([flat // (ny * nz), flat // nz % ny, flat % nz], dim=1)
        low = torch.tensor(self.lattice.lowest, device=flat.device, dtype=torch.float32)
        positions = low + (corner + places) * self.lattice.step
        found = torch.cat([thickness(part) for part in torch.split(positions, 1 << 18)]) if len(flat) else places[:, 0]
        memory = self._memory.reshape(-1)
        memory[flat] = torch.maximum(_DECAY * memory[flat], found.float())
        least = min(threshold, float(memory[flat].mean())) if len(flat) else threshold
        self.cells = (self._memory > least) & self._carved

    def state(self) -> dict[str, Tensor]:
        """All that `update` changes."""
        return {"cells": self.cells, "memory": self._memory}

    def restore(self, state: dict[str, Tensor]) -> None:
        """Go back to a state."""
        self.cells = state["cells"].to(self.cells.device).clone()
        self._memory = state["memory"].to(self.cells.device).clone()

    def occupied(self, positions: Tensor) -> Tensor:
        """(n,) bool for world positions (n, 3); false outside."""
        low = torch.tensor(self.lattice.lowest, device=positions.device, dtype=positions.dtype)
        place = torch.floor((positions - low) / self.lattice.step).long()
        counts = torch.tensor(self.counts, device=positions.device)
        inside = ((place >= 0) & (place < counts)).all(1)
        i, j, k = torch.where(inside[:, None], place, 0).unbind(1)
        return self.cells[i, j, k] & inside

    def march(self, origins: Tensor, directions: Tensor, near: Tensor, far: Tensor, spacing: tuple[float, Tensor]) -> Packed:
        """Samples at even steps between near and far (r,), those in empty cells left out.

        origins (r, 3); directions (r, 3) unit; spacing: the step in world units, and where in it (r,), 0 to 1, samples lie.
        """
        step, jitter = spacing
        count = max(1, int(torch.ceil((far - near).max() / step))) if len(near) else 1
        along = near[:, None] + (torch.arange(count, device=near.device) + jitter[:, None]) * step
        positions = origins[:, None] + directions[:, None] * along[..., None]
        kept = self.occupied(positions.reshape(-1, 3)).reshape(along.shape) & (along < far[:, None])
        ray, place = torch.nonzero(kept, as_tuple=True)
        offsets = torch.cat([torch.zeros(1, dtype=torch.int64, device=near.device), torch.cumsum(kept.sum(1), 0)])
        return Packed(ray=ray, distances=along[ray, place], offsets=offsets)

    def narrowed(self, origins: Tensor, directions: Tensor, near: Tensor, far: Tensor) -> tuple[Tensor, Tensor]:
        """Near and far (r,) pulled in to the first and last occupied cell of each ray; equal where a ray meets none."""
        step = 0.5 * self.lattice.step
        found = self.march(origins, directions, near, far, (step, torch.full_like(near, 0.5)))
        first = torch.full_like(near, torch.inf).scatter_reduce(0, found.ray, found.distances, "amin")
        last = torch.full_like(near, -torch.inf).scatter_reduce(0, found.ray, found.distances, "amax")
        hit = last >= first
        return (
            torch.where(hit, torch.maximum(near, first - step), near),
            torch.where(hit, torch.minimum(far, last + step), near),
        )
