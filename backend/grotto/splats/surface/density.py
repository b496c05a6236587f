"""Splats as a density in space, whose level set is their surface.

Guedon and Lepetit, SuGaR: Surface-Aligned Gaussian Splatting, 2024, eq. 2: d(p) = sum over splats of
opacity exp(-(p - m)^T S^-1 (p - m) / 2). Only the nearest splats count.
"""

from __future__ import annotations

import torch
from scipy.spatial import cKDTree

from ..gaussians import Gaussians, rotation_matrices

NEIGHBOURS = 16  # SuGaR: sugar_model.py, the nearest splats of a sample


def nearest_splats(gaussians: Gaussians, points: torch.Tensor, count: int = NEIGHBOURS) -> torch.Tensor:
    """(n, count) indices of the splats whose means are nearest to points (n, 3)."""
    tree = cKDTree(gaussians.means.detach().cpu().numpy())
    count = min(count, len(gaussians))
    found = torch.as_tensor(tree.query(points.detach().cpu().numpy(), k=count)[1], device=points.device)
    return found.reshape(len(points), count)


def density(gaussians: Gaussians, points: torch.Tensor, neighbours: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Density (n, s) and its gradient (n, s, 3) at points (n, s, 3), from splats of neighbours (n, k). Ellipsoids only."""
    if gaussians.kind != "3d":
        raise ValueError("discs have no density: their thickness is zero")
    near = gaussians.select(neighbours.reshape(-1))
    shape = neighbours.shape
    whitening = rotation_matrices(near.quaternions) / near.scales[:, None, :]  # (n k, 3, 3): splat from world, transposed
    whitening = whitening.reshape(*shape, 3, 3)
    means, opacities = near.means.reshape(*shape, 3), near.opacities.reshape(shape)
    offsets = points[:, :, None] - means[:, None]  # (n, s, k, 3)
    inside = torch.einsum("nskj,nkji->nski", offsets, whitening)
    shares = opacities[:, None] * torch.exp(-0.5 * inside.square().sum(-1))  # (n, s, k)
    gradient = -torch.einsum("nsk,nski,nkji->nsj", shares, inside, whitening)
    return shares.sum(-1), gradient
