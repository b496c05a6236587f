"""Align ellipsoids with surfaces, so that a mesh can be extracted from them.

Guedon and Lepetit, SuGaR: Surface-Aligned Gaussian Splatting, 2024, section 4.1.
"""

from __future__ import annotations

from typing import Any

import torch

from ...scene import Camera
from ..gaussians import Gaussians, rotation_matrices
from ..raster import Splatted
from .density import density, nearest_splats

_SAMPLES = 4096  # points of a step
_REFRESH = 50  # steps between searches for neighbours


class Alignment:
    """The regulariser, with neighbours that it keeps between steps."""

    def __init__(self) -> None:
        self._neighbours: torch.Tensor | None = None
        self._age = 0

    def loss(self, gaussians: Gaussians, splatted: Splatted, camera: Camera, random: torch.Generator) -> torch.Tensor:
        """Scalar (eq. 8), in sizes of splats.

        Points are drawn from visible splats. If splats were flat, opaque and on a surface, a point of density d would lie
        beta sqrt(-2 log d) from it, beta being the splats' thickness; the loss compares this with the depth map.
        """
        if splatted.depth_expected is None:
            raise ValueError("alignment needs a picture with geometry")
        seen = torch.nonzero(splatted.seen)[:, 0]
        if not len(seen):
            return gaussians.means.new_zeros(())
        drawn = seen[torch.randint(len(seen), (_SAMPLES,), generator=random).to(seen.device)]
        chosen = gaussians.select(drawn)
        offsets = torch.randn((_SAMPLES, 3), generator=random).to(seen.device) * chosen.scales
        points = chosen.means + torch.einsum("nij,nj->ni", rotation_matrices(chosen.quaternions), offsets)
        away, known = _distances(points, splatted.depth_expected.detach(), camera)
        values = density(gaussians, points[:, None], self._near(gaussians)[drawn])[0][:, 0]
        thickness = chosen.scales.amin(1).mean()
        expected = thickness * torch.sqrt(-2 * torch.log(values.clamp(1e-3, 1 - 1e-3)))
        size = chosen.scales.detach().mean()
        return ((away - expected).abs() * known).sum() / known.sum().clamp_min(1) / size

    def state(self) -> dict[str, Any]:
        """The neighbours, for a checkpoint."""
        return {"neighbours": self._neighbours, "age": self._age}

    def restore(self, state: dict[str, Any], device: torch.device) -> None:
        """Continue from `state`."""
        neighbours = state["neighbours"]
        self._neighbours, self._age = None if neighbours is None else neighbours.to(device), state["age"]

    def _near(self, gaussians: Gaussians) -> torch.Tensor:
        """(n, k) neighbours of each splat."""
        if self._neighbours is None or len(self._neighbours) != len(gaussians) or self._age >= _REFRESH:
            self._neighbours, self._age = nearest_splats(gaussians, gaussians.means), 0
        self._age += 1
        return self._neighbours


def _distances(points: torch.Tensor, depth: torch.Tensor, camera: Camera) -> tuple[torch.Tensor, torch.Tensor]:
    """Distances (n,) of points (n, 3) from the surface of a depth map (h, w) along the view, and whether it has a depth there."""
    matrix = torch.as_tensor(camera.camera_from_world, dtype=torch.float32, device=points.device)
    inside = points @ matrix[:3, :3].T + matrix[:3, 3]
    z = inside[:, 2]
    safe = z.detach().clamp_min(1e-6)
    column = torch.floor(camera.focal_x * inside[:, 0].detach() / safe + camera.centre_x).long()
    row = torch.floor(camera.focal_y * inside[:, 1].detach() / safe + camera.centre_y).long()
    known = (z > 0) & (column >= 0) & (row >= 0) & (column < camera.width) & (row < camera.height)
    surface = depth[row.clamp(0, camera.height - 1), column.clamp(0, camera.width - 1)]
    return (z - surface).abs(), known & (surface > 0)
