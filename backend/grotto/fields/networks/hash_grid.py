"""Radiance field on hash grids with diffuse and specular colour: stage 0 of NeRF2Mesh (Tang 2023; nerf2mesh: network.py).

Density has one feature a level and two layers of 32; colour two features a level and three layers of 64, which end in three
diffuse and three specular features. Losses and their weights are those of nerf2mesh's main.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor, nn

from ...contract import Progress
from ...contract.options import FieldOptions
from ...render.volume import Composite, Packed, Rays, composite_packed
from ...scene import Region, View, ray_box_distances
from ..artefact import Fitted
from ..field import Field, FieldSample
from .grid_encoding import GridEncoding, GridLevels
from .network_field import FitSchedule, NetworkField, fit_network
from .specular import FEATURES, SpecularHead

_SIZES = {  # levels, finest cells, log2 of most rows, samples along the region, cells of the occupancy grid
    "cpu": {"levels": 8, "finest": 192, "rows_log2": 17, "samples": 192, "cells": 64},
    "cuda": {"levels": 16, "finest": 2048, "rows_log2": 19, "samples": 1024, "cells": 128},
}
_BASE = 16
_SCHEDULES = {
    "cpu": FitSchedule(steps=600, rays=2048, rate=1e-2, epsilon=1e-15),
    "cuda": FitSchedule(steps=30_000, rays=8192, rate=1e-2, epsilon=1e-15),
}
_DIFFUSE_PART = 1 / 30  # of the steps: 1000 of nerf2mesh's 30 000 fit diffuse colour only
_SPECULAR_WEIGHT, _VARIATION_WEIGHT, _ENTROPY_WEIGHT = 1e-5, 1e-8, 1e-3
_VARIATION_CELLS = 4096
_LEVEL = 10.0  # of density times the region's radius
_GRID_THRESHOLD = 0.01  # optical thickness of a step
_GRID_EVERY = 16  # steps (Müller 2022, E.2)
_GRID_FROM = 0.1  # of the steps: until then, the cells within the masks


class HashGrid(NetworkField):
    """Density and colours on two hash grids."""

    def __init__(self, region: Region, *, levels: int, finest: int, rows_log2: int, samples: int, cells: int) -> None:
        super().__init__(region, step=2 * region.radius / samples, level=_LEVEL / region.radius, cells=cells)
        self._sizes: dict[str, float | int | str] = {
            "levels": levels,
            "finest": finest,
            "rows_log2": rows_log2,
            "samples": samples,
            "cells": cells,
        }
        sizes = {"most_rows": 1 << rows_log2}
        self.density_grid = GridEncoding(GridLevels.between(_BASE, finest, levels, features=1, **sizes))
        self.colour_grid = GridEncoding(GridLevels.between(_BASE, finest, levels, features=2, **sizes))
        self.density_layers = nn.Sequential(nn.Linear(3 + levels, 32), nn.ReLU(), nn.Linear(32, 1))
        self.colour_layers = nn.Sequential(
            nn.Linear(3 + 2 * levels, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 3 + FEATURES)
        )
        self.specular = SpecularHead()
        self.diffuse_only = False

    def settings(self) -> dict[str, float | int | str]:
        return dict(self._sizes)

    def density(self, inner: Tensor) -> Tensor:
        """(n,) in units of the region's radius, at normalised coordinates (n, 3)."""
        raw = self.density_layers(torch.cat([inner, self.density_grid(0.5 * inner + 0.5)], dim=1))[:, 0]
        return torch.exp(raw.clamp(-15, 15))

    def colours(self, inner: Tensor) -> tuple[Tensor, Tensor]:
        """Diffuse colour and specular features (n, 3) each, 0 to 1."""
        made = torch.sigmoid(self.colour_layers(torch.cat([inner, self.colour_grid(0.5 * inner + 0.5)], dim=1)))
        return made[:, :3], made[:, 3:]

    def forward(self, positions: Tensor, directions: Tensor | None = None) -> FieldSample:
        """Without directions the colour is the diffuse part. `features` are the specular ones."""
        inner = self.normalised(positions)
        diffuse, features = self.colours(inner)
        colour = diffuse
        if directions is not None and not self.diffuse_only:
            colour = (diffuse + self.specular(features, directions)).clamp(0, 1)
        density = torch.where(self.live(positions), self.density(inner) / self.radius, 0.0)
        return FieldSample(density=density, colour=colour, features=features)

    def fit_loss(self, rays: Rays, number: int, steps: int, generator: torch.Generator) -> Tensor:
        self.diffuse_only = number < _DIFFUSE_PART * steps
        near, far = ray_box_distances(rays.origins, rays.directions, self._box)
        jitter = torch.rand(len(near), generator=generator).to(near.device)
        samples = self.occupancy.march(rays.origins, rays.directions, near, far, (self.step, jitter))
        made, specular = self._rendered(rays, samples)
        loss = self.ray_loss(made, rays) + _SPECULAR_WEIGHT * specular
        loss = loss + _VARIATION_WEIGHT * self.density_grid.total_variation(_VARIATION_CELLS, generator)
        opacity = made.opacity.clamp(1e-4, 1 - 1e-4)
        entropy = -(opacity * opacity.log2() + (1 - opacity) * (1 - opacity).log2()).mean()
        return loss + _ENTROPY_WEIGHT * min(1.0, number / steps) * entropy

    def update(self, number: int, steps: int, generator: torch.Generator) -> None:
        if number % _GRID_EVERY == 0 and number >= _GRID_FROM * steps:
            self.occupancy.update(
                lambda positions: self.density(self.normalised(positions)) / self.radius * self.step, _GRID_THRESHOLD, generator
            )

    def _rendered(self, rays: Rays, samples: Packed) -> tuple[Composite, Tensor]:
        """Composite rays; also the mean squared specular colour."""
        directions = rays.directions[samples.ray]
        inner = self.normalised(rays.origins[samples.ray] + directions * samples.distances[:, None])
        colour, features = self.colours(inner)
        squared = colour.new_zeros(())
        if not self.diffuse_only:
            specular = self.specular(features, directions)
            squared = (specular**2).sum(1).mean() if len(specular) else squared
            colour = (colour + specular).clamp(0, 1)
        density = self.density(inner) / self.radius
        return composite_packed(density, colour, samples.distances, self.step, samples.offsets), squared


def fit_hash(
    views: Sequence[View], region: Region, options: FieldOptions, device: torch.device, folder: Path, report: Progress
) -> Fitted:
    """Fit hash grids on random rays, skipping the empty cells of an occupancy grid."""
    torch.manual_seed(options.field_seed)
    sizes = dict(_SIZES[device.type])
    if options.field_resolution:
        sizes["finest"] = sizes["samples"] = options.field_resolution
    return fit_network(HashGrid(region, **sizes).to(device), _SCHEDULES[device.type], views, options, folder, report)


def build_hash(region: Region, settings: dict[str, float | int | str]) -> Field:
    """An unfitted field with the sizes of `settings`."""
    return HashGrid(region, **{name: int(settings[name]) for name in ("levels", "finest", "rows_log2", "samples", "cells")})
