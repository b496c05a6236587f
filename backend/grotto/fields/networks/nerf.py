"""The radiance field of 2020: two multilayer perceptrons on encoded coordinates, a coarse and a fine one (Mildenhall 2020).

Differences from the paper: rays are clipped to the region and to its carved cells; density is exp(x) (Müller 2022, section
5.3), with which solid places become solid after hundreds of steps, where a ReLU needs tens of thousands; on a CPU the networks
are narrower. On CUDA they have the paper's size.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor, nn

from ...contract import Progress
from ...contract.options import FieldOptions
from ...render.volume import Composite, Rays, composite
from ...scene import Region, View
from ..artefact import Fitted
from ..field import Field, FieldSample
from .network_field import FitSchedule, NetworkField, fit_network
from .positional import encoded_size, positional_encoding
from .sampling import importance, intervals, stratified

_SHAPES = {"cpu": (4, 64), "cuda": (8, 256)}  # layers and width; the latter is the paper's
_OCTAVES, _OCTAVES_OF_DIRECTIONS = {"cpu": 6, "cuda": 10}, 4  # section 5.1; in few steps higher ones only add noise
_COARSE, _FINE = {"cpu": 32, "cuda": 64}, {"cpu": 32, "cuda": 128}  # samples per ray; the paper's on CUDA
_SCHEDULES = {
    "cpu": FitSchedule(steps=1000, rays=512, rate=5e-3),
    "cuda": FitSchedule(steps=50_000, rays=4096, rate=5e-4),  # section 5.3: 5e-4 to 5e-5
}
_CELLS = {"cpu": 64, "cuda": 64}  # of the occupancy grid
_LEVEL = 25.0  # of density times the region's radius: where the authors' code puts surfaces of unit scenes


class Perceptron(nn.Module):
    """The paper's network (figure 7): density from the position alone, colour also from the direction."""

    def __init__(self, layers: int, width: int, octaves: int) -> None:
        super().__init__()
        self.octaves = octaves
        size, seen = encoded_size(3, octaves), encoded_size(3, _OCTAVES_OF_DIRECTIONS)
        self.skip = layers // 2  # the layer at which the encoded position enters again
        widths = [size] + [width + (size if layer == self.skip else 0) for layer in range(1, layers)]
        self.layers = nn.ModuleList(nn.Linear(taken, width) for taken in widths)
        self.density = nn.Linear(width, 1)
        self.features = nn.Linear(width, width)
        self.colour = nn.Sequential(nn.Linear(width + seen, width // 2), nn.ReLU(), nn.Linear(width // 2, 3), nn.Sigmoid())

    def forward(self, positions: Tensor, directions: Tensor) -> tuple[Tensor, Tensor]:
        """Density (n,) and colour (n, 3) at (n, 3) positions within -1 to 1, seen along unit directions."""
        encoded = positional_encoding(positions, self.octaves)
        hidden = encoded
        for number, layer in enumerate(self.layers):
            if number == self.skip:
                hidden = torch.cat([hidden, encoded], dim=1)
            hidden = torch.relu(layer(hidden))
        density = torch.exp(self.density(hidden)[:, 0].clamp(-15, 15))
        encoded_directions = positional_encoding(directions, _OCTAVES_OF_DIRECTIONS)
        return density, self.colour(torch.cat([self.features(hidden), encoded_directions], dim=1))


class Nerf(NetworkField):
    """Coarse and fine network. `forward` is the fine one."""

    def __init__(self, region: Region, *, layers: int, width: int, coarse: int, fine: int, cells: int, octaves: int) -> None:
        super().__init__(region, step=2 * region.radius / 256, level=_LEVEL / region.radius, cells=cells)
        self._sizes: dict[str, float | int | str] = {
            "layers": layers,
            "width": width,
            "coarse": coarse,
            "fine": fine,
            "cells": cells,
            "octaves": octaves,
        }
        self.counts = (coarse, fine)
        self.coarse, self.fine = Perceptron(layers, width, octaves), Perceptron(layers, width, octaves)

    def settings(self) -> dict[str, float | int | str]:
        return dict(self._sizes)

    def forward(self, positions: Tensor, directions: Tensor | None = None) -> FieldSample:
        if directions is None:
            directions = torch.zeros_like(positions)
        density, colour = self.fine(self.normalised(positions), directions)
        return FieldSample(density=torch.where(self.live(positions), density / self.radius, 0.0), colour=colour)

    def samples_per_ray(self) -> int:
        return 2 * sum(self.counts)

    def render_rays(self, origins: Tensor, directions: Tensor) -> Composite:
        near, far = self.near_far(origins, directions)
        half = torch.full((1, 1), 0.5, device=near.device)
        places = (torch.arange(self.counts[1], device=near.device) + 0.5)[None] / self.counts[1]
        return self._both(
            (origins, directions),
            (near, far),
            half.expand(len(near), self.counts[0]),
            places.expand(len(near), -1),
        )[1]

    def fit_loss(self, rays: Rays, number: int, steps: int, generator: torch.Generator) -> Tensor:
        near, far = self.near_far(rays.origins, rays.directions)
        jitter = torch.rand(len(near), self.counts[0], generator=generator).to(near.device)
        places = torch.rand(len(near), self.counts[1], generator=generator).to(near.device)
        coarse, fine = self._both((rays.origins, rays.directions), (near, far), jitter, places)
        return self.ray_loss(coarse, rays) + self.ray_loss(fine, rays)  # equation 6

    def _both(
        self, rays: tuple[Tensor, Tensor], bounds: tuple[Tensor, Tensor], jitter: Tensor, places: Tensor
    ) -> tuple[Composite, Composite]:
        """Composites of rays (origins, directions) between bounds (near, far): of the coarse network, then of the fine one."""
        near, far = bounds
        distances = stratified(near, far, jitter)
        starts, ends = intervals(distances, near, far)
        coarse = self._rendered(self.coarse, rays, distances, (starts, ends))
        edges = torch.cat([starts, ends[:, -1:]], dim=1)
        more = importance(edges, coarse.weights.detach(), places)
        distances = torch.cat([distances, more], dim=1).sort(dim=1).values
        return coarse, self._rendered(self.fine, rays, distances, intervals(distances, near, far))

    def _rendered(
        self, network: Perceptron, rays: tuple[Tensor, Tensor], distances: Tensor, bounds: tuple[Tensor, Tensor]
    ) -> Composite:
        origins, directions = rays
        positions = origins[:, None] + directions[:, None] * distances[..., None]
        flat, along = positions.reshape(-1, 3), directions[:, None].expand_as(positions).reshape(-1, 3)
        occupied = self.occupied(flat)
        found = network(self.normalised(flat[occupied]), along[occupied])
        density = flat.new_zeros(len(flat)).index_copy(0, occupied, found[0] / self.radius)
        colour = flat.new_zeros(len(flat), 3).index_copy(0, occupied, found[1])
        return composite(density.reshape(distances.shape), colour.reshape(positions.shape), *bounds)


def fit_nerf(
    views: Sequence[View], region: Region, options: FieldOptions, device: torch.device, folder: Path, report: Progress
) -> Fitted:
    """Fit coarse and fine network on random rays."""
    layers, width = _SHAPES[device.type]
    torch.manual_seed(options.field_seed)
    tables = {"coarse": _COARSE, "fine": _FINE, "cells": _CELLS, "octaves": _OCTAVES}
    sizes = {name: table[device.type] for name, table in tables.items()}
    field = Nerf(region, layers=layers, width=width, **sizes).to(device)
    return fit_network(field, _SCHEDULES[device.type], views, options, folder, report)


def build_nerf(region: Region, settings: dict[str, float | int | str]) -> Field:
    """An unfitted field with the sizes of `settings`."""
    sizes = {name: int(settings[name]) for name in ("layers", "width", "coarse", "fine", "cells", "octaves")}
    return Nerf(region, **sizes)
