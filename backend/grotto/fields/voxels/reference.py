"""torch twin of the many-view voxel engine: slow, differentiable, and the oracle of its tests."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from ...render.volume import Composite, composite
from ...scene import Lattice, corner_weights
from .engine import LEAST_LIGHT, LossWeights, Marched
from .field import colour_of


def march_reference(rays: Tensor, jitter: Tensor, table: Tensor, marched: Marched) -> tuple[Composite, Tensor]:
    """Composite rays (n, 6) with the records `table` (rows, 16), as the engine does; also (n, s) the samples' distances.

    Distances are in cells; colours are premultiplied, nothing is behind them.
    """
    nx, ny, nz = marched.nodes.shape
    lattice = Lattice(lowest=(0.0, 0.0, 0.0), step=1.0, counts=(nx, ny, nz))
    most = int(math.sqrt(nx * nx + ny * ny + nz * nz) / marched.step) + 2
    near, far = _stretch(rays, torch.tensor([nx - 1.0, ny - 1.0, nz - 1.0]))
    along = near[:, None] + (torch.arange(most) + jitter[:, None]) * marched.step
    positions = rays[:, None, :3] + along[..., None] * rays[:, None, 3:]
    cell, places, _ = lattice.cells(positions.reshape(-1, 3))
    rows = torch.from_numpy(marched.nodes).reshape(-1)[cell[:, None] + torch.tensor(lattice.corner_offsets())].long()
    blended = (corner_weights(places)[..., None] * table[rows]).sum(1)
    directions = rays[:, None, 3:].expand_as(positions).reshape(-1, 3)
    colour = colour_of(blended, directions if marched.directional else None).reshape(*along.shape, 3)
    density = torch.nn.functional.softplus(blended[:, 0] + marched.shift).reshape(along.shape) * marched.unit
    counted = (along < far[:, None]) & (density * marched.step >= marched.thinnest) & (rows != 0).any(1).reshape(along.shape)
    density = torch.where(counted, density, 0.0)
    thickness = density * marched.step
    light = torch.exp(-(torch.cumsum(thickness, 1) - thickness))
    density = torch.where(light >= LEAST_LIGHT, density, 0.0)
    half = 0.5 * marched.step
    return composite(density, colour, along - half, along + half), along


def loss_reference(made: Composite, along: Tensor, targets: Tensor, weights: LossWeights, marched: Marched) -> Tensor:
    """The scalar that the engine differentiates: see `many_engine.fit_rays`."""
    width = 1 / max(marched.nodes.shape)
    scene = targets[:, 3] < 0
    background = torch.tensor([weights.red, weights.green, weights.blue])
    colour = made.colour + torch.where(scene, 1 - made.opacity, 0.0)[:, None] * background
    error = ((colour - targets[:, :3]) ** 2).sum()
    missing = torch.where(scene, 0.0, made.opacity - targets[:, 3])
    apart = (along[:, :, None] - along[:, None, :]).abs() * width
    pairs = (made.weights[:, :, None] * made.weights[:, None, :] * apart).sum()
    spread = pairs + (made.weights**2).sum() * marched.step * width / 3
    return weights.mean * (error + weights.alpha * (missing**2).sum() + weights.distortion * spread)


def _stretch(rays: Tensor, highest: Tensor) -> tuple[Tensor, Tensor]:
    origins, directions = rays[:, :3], rays[:, 3:]
    safe = torch.where(directions.abs() < 1e-9, torch.full_like(directions, 1e-9), directions)
    first, second = -origins / safe, (highest - origins) / safe
    return torch.minimum(first, second).amax(1).clamp_min(0), torch.maximum(first, second).amin(1)
