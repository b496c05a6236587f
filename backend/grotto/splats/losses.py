"""Losses of a fit of splats."""

from __future__ import annotations

import torch

from ..scene import Camera
from .raster import Splatted
from .structure import structural_similarity

SSIM_SHARE = 0.2  # 3D Gaussian Splatting, section 5.3
_WINDOW = 11  # px; SSIM needs pictures at least this large


def photometric_loss(picture: torch.Tensor, target: torch.Tensor, confidence: torch.Tensor | None = None) -> torch.Tensor:
    """.8 of the mean absolute difference + .2 (1 - SSIM) of two (h, w, 3) pictures.

    `confidence` (h, w), 0 to 1, weights the pixels of the target (ReconX, section E): the target is blended with the picture
    where confidence is low, so that SSIM's windows are weighted too.
    """
    if confidence is not None:
        share = confidence[..., None]
        target = share * target + (1 - share) * picture.detach()
    absolute = (picture - target).abs().mean()
    if min(picture.shape[:2]) < _WINDOW:
        return absolute
    return (1 - SSIM_SHARE) * absolute + SSIM_SHARE * (1 - structural_similarity(picture, target))


def outside_loss(opacity: torch.Tensor, alpha: torch.Tensor) -> torch.Tensor:
    """Mean opacity (h, w) outside of the mask `alpha` (h, w)."""
    return (opacity * (1 - alpha)).mean()


def ray_normals(depth: torch.Tensor, camera: Camera) -> torch.Tensor:
    """(h, w, 3) unit normals in the world, towards the camera, of a depth map (h, w) along the view.

    From central differences of the points; zero on the picture's border and where depth is missing
    (2D Gaussian Splatting, eq. 15).
    """
    directions = torch.as_tensor(camera.directions(), device=depth.device)
    points = directions * depth[..., None]
    across = points[1:-1, 2:] - points[1:-1, :-2]
    down = points[2:, 1:-1] - points[:-2, 1:-1]
    normals = torch.nn.functional.normalize(torch.cross(down, across, dim=-1), dim=-1)
    there = (depth[1:-1, 2:] > 0) & (depth[1:-1, :-2] > 0) & (depth[2:, 1:-1] > 0) & (depth[:-2, 1:-1] > 0)
    return torch.nn.functional.pad(normals * there[..., None], (0, 0, 1, 1, 1, 1))


def normal_loss(splatted: Splatted, camera: Camera) -> torch.Tensor:
    """Mean of opacity - normal of splats . normal of the depth map (2D Gaussian Splatting, eq. 14)."""
    if splatted.normal is None or splatted.depth_expected is None:
        raise ValueError("normals need a picture with geometry")
    surface = ray_normals(splatted.depth_expected, camera)
    inside = surface.detach().abs().sum(-1) > 0
    return ((splatted.opacity.detach() - (splatted.normal * surface).sum(-1)) * inside).mean()


def distortion_loss(splatted: Splatted) -> torch.Tensor:
    """Mean spread of depth along rays (2D Gaussian Splatting, eq. 13), in squared parts of the view's middle depth."""
    if splatted.distortion is None:
        raise ValueError("distortion needs a picture with geometry")
    return splatted.distortion.mean()
