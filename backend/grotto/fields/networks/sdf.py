"""Signed distance fields: a sphere, changed by features of a hash grid, with colour beside it.

Where masks have carved the region, the fit begins with the distance from the hull. A sphere that reaches beyond the hull would
be cut off by it: deep in the sphere opacity has no gradient, and nothing would carve it down to the subject.

As in Neuralangelo (Li 2023), but smaller: numerical gradients over a distance that shrinks as finer levels of the grid come
into use, eikonal loss, curvature loss. `volsdf` and `neus` turn distance into opacity.
"""

from __future__ import annotations

from abc import abstractmethod

import numpy as np
import torch
from scipy.ndimage import distance_transform_edt
from torch import Tensor, nn

from ...render.volume import Composite, Rays
from ...scene import Region
from ..field import FieldSample
from .grid_encoding import GridEncoding, GridLevels
from .network_field import FitSchedule, NetworkField
from .numerical_gradient import levels_at, numerical_gradient
from .sampling import importance, intervals, stratified

_SIZES = {
    "cpu": {"levels": 6, "finest": 128, "rows_log2": 17, "coarse": 32, "fine": 24, "cells": 64},
    "cuda": {"levels": 16, "finest": 2048, "rows_log2": 19, "coarse": 64, "fine": 64, "cells": 128},
}
_BASE, _FIRST_LEVELS, _FEATURES, _WIDTH, _RADIUS = 16, 3, 12, 32, 0.5
_HULL_STEPS, _HULL_POINTS, _HULL_RATE = 80, 4096, 1e-2  # of the fit to the hull
_OUTSIDE = 2.0  # distance, of the region's radius, outside of occupied cells: no density, and no weight next to them
_EIKONAL_WEIGHT, _CURVATURE_WEIGHT = 0.1, 5e-4  # Li 2023, section 4
_EIKONAL_POINTS = 1024  # per step, half of them on rays
SCHEDULES = {
    "cpu": FitSchedule(steps=400, rays=768, rate=5e-3, epsilon=1e-12, clip=1.0),
    "cuda": FitSchedule(steps=20_000, rays=4096, rate=1e-3, epsilon=1e-15, clip=1.0),
}


class SdfField(NetworkField):
    """Distance and colour. Subclasses turn distances along rays into a composite."""

    def __init__(self, region: Region, *, levels: int, finest: int, rows_log2: int, coarse: int, fine: int, cells: int) -> None:
        super().__init__(region, step=2 * region.radius / finest, level=0.0, cells=cells)
        self._sizes: dict[str, float | int | str] = {
            "levels": levels,
            "finest": finest,
            "rows_log2": rows_log2,
            "coarse": coarse,
            "fine": fine,
            "cells": cells,
        }
        self.counts = (coarse, fine)
        sizes = GridLevels.between(_BASE, finest, levels, most_rows=1 << rows_log2, features=2)
        self.grid = GridEncoding(sizes)
        last = nn.Linear(_WIDTH, 1 + _FEATURES)
        self.layers = nn.Sequential(nn.Linear(3 + sizes.channels, _WIDTH), nn.Softplus(100), last)
        self.colours = nn.Sequential(
            nn.Linear(3 + 3 + _FEATURES + sizes.channels, 2 * _WIDTH),
            nn.ReLU(),
            nn.Linear(2 * _WIDTH, 2 * _WIDTH),
            nn.ReLU(),
            nn.Linear(2 * _WIDTH, 3),
            nn.Sigmoid(),
        )
        with torch.no_grad():  # at first the field is exactly a sphere
            last.weight[:1] = 0
            last.bias[:1] = 0
        self.progress = 1.0  # of the fit: selects levels and differences

    def initialise(self, generator: torch.Generator) -> None:
        cells = self.occupancy.cells.cpu().numpy()
        if cells.all() or not cells.any():
            return
        padded = np.pad(cells, 1)
        # 0 lies half a cell within the carved cells' sides: these are a little larger than the hull.
        signed = np.where(padded, 1 - distance_transform_edt(padded), distance_transform_edt(~padded))
        cell = self.occupancy.lattice.step / self.radius
        volume = torch.from_numpy((signed * cell).astype(np.float32)).to(self.device)
        low = (
            self.normalised(torch.tensor([self.occupancy.lattice.lowest], dtype=torch.float32, device=self.device))[0]
            - 0.5 * cell
        )
        counts = torch.tensor(padded.shape, device=self.device)
        self.grid.active = min(_FIRST_LEVELS, len(self.grid.levels.cells))
        optimiser = torch.optim.Adam([*self.grid.parameters(), *self.layers.parameters()], lr=_HULL_RATE)
        for _ in range(_HULL_STEPS):
            places = torch.rand(_HULL_POINTS, 3, generator=generator).to(self.device) * 2 - 1  # from the first node to the last
            target = nn.functional.grid_sample(
                volume[None, None], places.flip(1)[None, None, None], align_corners=True, padding_mode="border"
            ).reshape(-1)
            predicted = self.distance(low + 0.5 * (places + 1) * (counts - 1) * cell)
            optimiser.zero_grad(set_to_none=True)
            torch.autograd.backward(((predicted - target) ** 2).mean())
            optimiser.step()

    def settings(self) -> dict[str, float | int | str]:
        return dict(self._sizes)

    def distance(self, inner: Tensor) -> Tensor:
        """(n,) signed, in units of the region's radius, at normalised coordinates (n, 3)."""
        return self._distance_and_features(inner)[0]

    def _distance_and_features(self, inner: Tensor) -> tuple[Tensor, Tensor]:
        encoded = self.grid(0.5 * inner + 0.5)
        made = self.layers(torch.cat([inner, encoded], dim=1))
        # Colours vary faster than distance: they also get the encoding, which the hidden layer of the distance smooths.
        return inner.norm(dim=1) - _RADIUS + made[:, 0], torch.cat([made[:, 1:], encoded], dim=1)

    def forward(self, positions: Tensor, directions: Tensor | None = None) -> FieldSample:
        inner = self.normalised(positions)
        distance, features = self._distance_and_features(inner)
        # Outside of occupied cells the distance is at least half a cell, so that a level surface closes there.
        half = 0.5 * self.occupancy.lattice.step / self.radius
        distance = torch.where(self.live(positions), distance, distance.clamp_min(half))
        seen = torch.zeros_like(inner) if directions is None else directions
        colour = self.colours(torch.cat([inner, seen, features], dim=1))
        return FieldSample(colour=colour, distance=distance * self.radius, density=self.density(distance * self.radius))

    def density(self, distance: Tensor) -> Tensor | None:
        """(n,) per world unit at distances in world units; None where the field has no density."""
        return None

    @abstractmethod
    def composite(self, distance: Tensor, colour: Tensor, bounds: tuple[Tensor, Tensor]) -> Composite:
        """Composite distances (r, s) in world units and colours (r, s, 3) of the intervals between bounds (r, s)."""

    def samples_per_ray(self) -> int:
        return 2 * sum(self.counts)

    def render_rays(self, origins: Tensor, directions: Tensor) -> Composite:
        near, far = self.near_far(origins, directions)
        half = torch.full((len(near), self.counts[0]), 0.5, device=near.device)
        places = (torch.arange(self.counts[1], device=near.device) + 0.5)[None] / self.counts[1]
        return self._rendered(origins, directions, self._distances((origins, directions), (near, far), half, places))[0]

    def fit_loss(self, rays: Rays, number: int, steps: int, generator: torch.Generator) -> Tensor:
        self.progress = number / steps
        levels = len(self.grid.levels.cells)
        self.grid.active = levels_at(self.progress, levels, min(_FIRST_LEVELS, levels))
        near, far = self.near_far(rays.origins, rays.directions)
        jitter = torch.rand(len(near), self.counts[0], generator=generator).to(near.device)
        places = torch.rand(len(near), self.counts[1], generator=generator).to(near.device)
        distances = self._distances((rays.origins, rays.directions), (near, far), jitter, places)
        made, inner = self._rendered(rays.origins, rays.directions, distances)
        return self.ray_loss(made, rays) + self._smoothness(inner, generator)

    def eikonal(self, inner: Tensor) -> tuple[Tensor, Tensor]:
        """Mean of (|gradient| - 1)^2 (Gropp 2020) and of |Laplacian| at normalised coordinates (n, 3), by differences as far as a
        cell of the finest level in use."""
        epsilon = 2 / self.grid.levels.cells[self.grid.active - 1]
        gradient, laplacian = numerical_gradient(self.distance, inner, epsilon)
        return ((gradient.norm(dim=1) - 1) ** 2).mean(), laplacian.abs().mean()

    def _smoothness(self, inner: Tensor, generator: torch.Generator) -> Tensor:
        half = _EIKONAL_POINTS // 2
        chosen = torch.randint(max(1, len(inner)), (min(half, len(inner)),), generator=generator).to(inner.device)
        anywhere = (torch.rand(half, 3, generator=generator) * 2 - 1).to(inner.device)
        eikonal, curvature = self.eikonal(torch.cat([inner[chosen], anywhere]))
        coarsest, finest = self.grid.levels.cells[0], self.grid.levels.cells[self.grid.active - 1]
        return _EIKONAL_WEIGHT * eikonal + _CURVATURE_WEIGHT * coarsest / finest * curvature

    def _distances(
        self, rays: tuple[Tensor, Tensor], bounds: tuple[Tensor, Tensor], jitter: Tensor, places: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Distances (r, s) of the samples of rays (origins, directions), and near and far: stratified, then by importance."""
        origins, directions = rays
        near, far = bounds
        with torch.no_grad():
            first = stratified(near, far, jitter)
            starts, ends = intervals(first, near, far)
            positions = origins[:, None] + directions[:, None] * first[..., None]
            flat = positions.reshape(-1, 3)
            occupied = self.occupied(flat)
            found = self.distance(self.normalised(flat[occupied]))
            distance = flat.new_full((len(flat),), _OUTSIDE).index_copy(0, occupied, found) * self.radius
            weights = self.composite(distance.reshape(first.shape), torch.zeros_like(positions), (starts, ends)).weights
            more = importance(torch.cat([starts, ends[:, -1:]], dim=1), weights, places.expand(len(near), -1))
            return torch.cat([first, more], dim=1).sort(dim=1).values, near, far

    def _rendered(
        self, origins: Tensor, directions: Tensor, distances: tuple[Tensor, Tensor, Tensor]
    ) -> tuple[Composite, Tensor]:
        """Composite rays; also the normalised coordinates (k, 3) of their samples in occupied cells."""
        along, near, far = distances
        positions = origins[:, None] + directions[:, None] * along[..., None]
        flat = positions.reshape(-1, 3)
        occupied = self.occupied(flat)
        inner = self.normalised(flat[occupied])
        found, features = self._distance_and_features(inner)
        seen = directions[:, None].expand_as(positions).reshape(-1, 3)[occupied]
        distance = flat.new_full((len(flat),), _OUTSIDE).index_copy(0, occupied, found)
        colour = flat.new_zeros(len(flat), 3).index_copy(0, occupied, self.colours(torch.cat([inner, seen, features], dim=1)))
        bounds = intervals(along, near, far)
        made = self.composite((distance * self.radius).reshape(along.shape), colour.reshape(positions.shape), bounds)
        return made, inner


def sizes_on(device: torch.device, resolution: int) -> dict[str, int]:
    """Default sizes of an SDF field on a device; a resolution other than 0 sets the finest level."""
    sizes = dict(_SIZES[device.type])
    if resolution:
        sizes["finest"] = max(_BASE, resolution)
    return sizes
