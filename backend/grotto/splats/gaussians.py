"""Gaussian splats: ellipsoids (3d) or discs (2d) with opacity and view-dependent colour, as tensors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch

from ..formats import SplatCloud

Kind = Literal["3d", "2d"]
THINNEST = -11.5  # log world units: the third axis of a disc in files that know ellipsoids only

NAMES = ("means", "quaternions", "log_scales", "opacity_logits", "base", "rest")


@dataclass(frozen=True, kw_only=True)
class Gaussians:
    """n splats in the world. All tensors float32 on one device.

    Ellipsoids as in Kerbl et al., 3D Gaussian Splatting, 2023, section 4; discs as in Huang et al., 2D Gaussian Splatting,
    2024, section 4.1 (the disc's normal is the third axis of its rotation).
    """

    kind: Kind
    means: torch.Tensor  # (n, 3) world
    quaternions: torch.Tensor  # (n, 4) w x y z, of any length; world from splat
    log_scales: torch.Tensor  # (n, 3), or (n, 2) for discs: log of the standard deviation along each axis, world units
    opacity_logits: torch.Tensor  # (n,)
    base: torch.Tensor  # (n, 3) coefficient of degree 0
    rest: torch.Tensor  # (n, k, 3) coefficients of degrees 1 to d, k = (d + 1)^2 - 1

    def __len__(self) -> int:
        return len(self.means)

    @property
    def degree(self) -> int:
        """Degree of the spherical harmonics."""
        return round((self.rest.shape[1] + 1) ** 0.5) - 1

    @property
    def tensors(self) -> dict[str, torch.Tensor]:
        """The optimised tensors, by name."""
        return {name: getattr(self, name) for name in NAMES}

    @property
    def opacities(self) -> torch.Tensor:
        """(n,) 0 to 1"""
        return torch.sigmoid(self.opacity_logits)

    @property
    def scales(self) -> torch.Tensor:
        """(n, 3) or (n, 2), world units"""
        return torch.exp(self.log_scales)

    def with_tensors(self, **tensors: torch.Tensor) -> Gaussians:
        """The same splats with some tensors replaced."""
        return Gaussians(kind=self.kind, **{**self.tensors, **tensors})

    def select(self, which: torch.Tensor) -> Gaussians:
        """Splats of a mask (n,) or of indices (m,)."""
        return self.with_tensors(**{name: tensor[which] for name, tensor in self.tensors.items()})

    def joined(self, other: Gaussians) -> Gaussians:
        """These splats, then the others."""
        theirs = other.tensors
        return self.with_tensors(**{name: torch.cat([tensor, theirs[name]]) for name, tensor in self.tensors.items()})

    def detached(self) -> Gaussians:
        """Copies that no gradient reaches."""
        return self.with_tensors(**{name: tensor.detach().clone() for name, tensor in self.tensors.items()})

    def to(self, device: torch.device | str) -> Gaussians:
        """The same splats on a device."""
        return self.with_tensors(**{name: tensor.to(device) for name, tensor in self.tensors.items()})


def rotation_matrices(quaternions: torch.Tensor) -> torch.Tensor:
    """(n, 3, 3) from quaternions (n, 4) w x y z of any length but zero."""
    w, x, y, z = torch.nn.functional.normalize(quaternions, dim=1).unbind(1)
    first = [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)]
    second = [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)]
    third = [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)]
    return torch.stack([*first, *second, *third], 1).reshape(-1, 3, 3)


def to_cloud(gaussians: Gaussians) -> SplatCloud:
    """Splats as a file stores them. Discs get a third axis of negligible length."""
    arrays = {name: tensor.detach().cpu().numpy().astype(np.float32) for name, tensor in gaussians.tensors.items()}
    log_scales = arrays["log_scales"]
    if gaussians.kind == "2d":
        log_scales = np.concatenate([log_scales, np.full((len(log_scales), 1), THINNEST, np.float32)], 1)
    norms = np.linalg.norm(arrays["quaternions"], axis=1, keepdims=True)
    return SplatCloud(
        means=arrays["means"],
        quaternions=arrays["quaternions"] / np.maximum(norms, 1e-12),
        log_scales=log_scales,
        opacity_logits=arrays["opacity_logits"],
        harmonics=np.concatenate([arrays["base"][:, None], arrays["rest"]], 1),
    )


def from_cloud(cloud: SplatCloud, kind: Kind = "3d") -> Gaussians:
    """Splats of a file; for discs, the third axis is the normal and its length is dropped."""
    axes = 3 if kind == "3d" else 2
    return Gaussians(
        kind=kind,
        means=torch.tensor(cloud.means),
        quaternions=torch.tensor(cloud.quaternions),
        log_scales=torch.tensor(cloud.log_scales[:, :axes]),
        opacity_logits=torch.tensor(cloud.opacity_logits),
        base=torch.tensor(cloud.harmonics[:, 0]),
        rest=torch.tensor(cloud.harmonics[:, 1:]),
    )
