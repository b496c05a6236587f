"""The sparse voxel engine in plain torch: slow and differentiable, for the tests of the numba engine."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from grotto.fields.voxels import LEAST_TRANSMITTANCE, LossWeights, Marched, colour_of
from grotto.render.volume import Composite, composite
from grotto.scene import Lattice, corner_weights, ray_box_distances


def march_reference(rays: Tensor, jitter: Tensor, table: Tensor, marched: Marched) -> tuple[Composite, Tensor]:
    """Composite rays (n, 6) with the records `table` (rows, 16), as the engine does; also (n, s) the samples' distances.

    Distances are in cells; colours are premultiplied, nothing is behind them.
    """
    nx, ny, nz = marched.nodes.shape
    lattice = Lattice(lowest=(0.0, 0.0, 0.0), step=1.0, counts=(nx, ny, nz))
    most = int(math.sqrt(nx * nx + ny * ny + nz * nz) / marched.step) + 2
    box = torch.tensor([[0.0, 0.0, 0.0], [nx - 1.0, ny - 1.0, nz - 1.0]])
    near, far = ray_box_distances(rays[:, :3], rays[:, 3:], box)
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
    transmittance = torch.exp(-(torch.cumsum(thickness, 1) - thickness))
    density = torch.where(transmittance >= LEAST_TRANSMITTANCE, density, 0.0)
    half = 0.5 * marched.step
    return composite(density, colour, along - half, along + half), along


def loss_reference(made: Composite, along: Tensor, targets: Tensor, weights: LossWeights, marched: Marched) -> Tensor:
    """The scalar that the engine differentiates: see `fit_rays`."""
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
