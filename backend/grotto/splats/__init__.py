"""Gaussian splats: ellipsoids and discs fitted to pictures, their rendering and their surfaces."""

from .exposure import Exposure
from .fit import fit_splats
from .gaussians import Gaussians, from_cloud
from .initial import initial_points, splats_at_points
from .losses import distortion_loss, normal_loss, outside_loss, photometric_loss, ray_normals
from .optimiser import RATES, SplatOptimiser
from .part import part_opacity
from .splat_fit import SplatFit
from .store import Splats, load_splats, render_splats, splat_device
from .structure import structural_similarity

__all__ = [
    "RATES",
    "Exposure",
    "Gaussians",
    "SplatFit",
    "SplatOptimiser",
    "Splats",
    "distortion_loss",
    "fit_splats",
    "from_cloud",
    "initial_points",
    "load_splats",
    "normal_loss",
    "outside_loss",
    "part_opacity",
    "photometric_loss",
    "ray_normals",
    "render_splats",
    "splat_device",
    "splats_at_points",
    "structural_similarity",
]
