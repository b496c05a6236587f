"""A field on live voxels: values at the nodes of a lattice within the hull, trilinear between them.

All parametrisations (voxels, tensor factors, a generator) are saved in this form.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor

from ...contract import bug
from ...scene import Lattice, Region, corner_weights
from ..field import Field, FieldSample

EMPTY = -8.0  # raw density of dead nodes: 1/3000 of the optical depth per step at raw density 0
SOLID = 5.0  # raw density of hidden nodes
_HALF = 3.0  # raw density at which the transmittance halves within about two steps: the surface's level
_MOST_RAW = 12.0  # keeps the exponential finite, as TruncExp does in ZeroRF
_SATURATION = 0.001  # ZeroRF, opt.py: the sigmoid of colours reaches a little beyond 0 and 1
_DENSITY_SCALE = 0.02  # optical depth of one lattice step at raw density 0


def activate(raw: Tensor, step: float) -> tuple[Tensor, Tensor]:
    """Density (n,) per world unit and colour (n, 3) of raw values (n, 4) on a lattice with this step.

    Applied after the interpolation, so that a surface can lie sharply between two nodes (Sun et al. 2022, DVGO, section 4).
    """
    density = torch.exp(raw[:, 0].clamp_max(_MOST_RAW)) * (_DENSITY_SCALE / step)
    return density, torch.sigmoid(raw[:, 1:]) * (1 + 2 * _SATURATION) - _SATURATION


def above_empty(raw: Tensor) -> Tensor:
    """Raw values (n, 4) relative to dead nodes, whose zeros need not be stored; `from_empty` is the inverse."""
    return torch.cat([raw[:, :1] - EMPTY, raw[:, 1:]], dim=1)


def from_empty(above: Tensor) -> Tensor:
    """The inverse of `above_empty`: raw values (n, 4)."""
    return torch.cat([above[:, :1] + EMPTY, above[:, 1:]], dim=1)


class LiveVoxels(Field):
    """Raw density and colour at live nodes of a lattice over the region."""

    nodes: Tensor  # (n,) int64 flat indices of live nodes, rising
    values: Tensor  # (n, 4) raw density, raw colour

    def __init__(self, region: Region, resolution: int, nodes: Tensor, values: Tensor) -> None:
        lattice = Lattice.over(region, resolution)
        super().__init__(region, step=lattice.step, level=math.exp(_HALF) * _DENSITY_SCALE / lattice.step)
        self.lattice, self.resolution = lattice, resolution
        self.register_buffer("nodes", nodes)
        self.register_buffer("values", values)
        self.register_buffer("_rank", torch.empty(0, dtype=torch.int32), persistent=False)
        self._update_ranks()
        register: Callable[[Callable[[LiveVoxels, object], None]], object] = self.register_load_state_dict_post_hook
        register(lambda loaded, _: loaded._update_ranks())

    def settings(self) -> dict[str, float | int | str]:
        return {"resolution": self.resolution, "live": len(self.nodes)}

    def live(self, positions: Tensor) -> Tensor:
        corners, _, inside = self._corners(positions)
        return inside & (corners >= 0).any(1)

    def raw_at(self, positions: Tensor) -> Tensor:
        """Raw values (m, 4) at world positions (m, 3), interpolated between live nodes alone.

        Where no live node is near, values are 0.
        """
        corners, places, inside = self._corners(positions)
        weights = corner_weights(places) * ((corners >= 0) & inside[:, None])
        total = weights.sum(1, keepdim=True)
        return (self.values[corners.clamp_min(0)] * weights[..., None]).sum(1) / torch.where(total > 0, total, 1.0)

    def forward(self, positions: Tensor, directions: Tensor | None = None) -> FieldSample:
        corners, places, inside = self._corners(positions)
        weights = corner_weights(places) * ((corners >= 0) & inside[:, None])
        above = (above_empty(self.values)[corners.clamp_min(0)] * weights[..., None]).sum(1)
        density, colour = activate(from_empty(above), self.step)
        return FieldSample(density=density, colour=colour.clamp(0, 1))

    def _corners(self, positions: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        cell, places, inside = self.lattice.cells(positions)
        offsets = torch.tensor(self.lattice.corner_offsets(), device=cell.device)
        return self._rank[cell[:, None] + offsets].long(), places, inside

    def _update_ranks(self) -> None:
        """Number the live nodes, after they have changed."""
        count = math.prod(self.lattice.counts)
        if len(self.nodes) and int(self.nodes.max()) >= count:
            raise bug("a field's nodes lie outside its lattice")
        rank = torch.full((count,), -1, dtype=torch.int32, device=self.nodes.device)
        rank[self.nodes] = torch.arange(len(self.nodes), dtype=torch.int32, device=self.nodes.device)
        self._rank = rank


def build_live_voxels(region: Region, settings: dict[str, float | int | str]) -> LiveVoxels:
    """A field with the sizes of `settings`, for saved values."""
    live = int(settings["live"])
    return LiveVoxels(region, int(settings["resolution"]), torch.zeros(live, dtype=torch.int64), torch.zeros(live, 4))
