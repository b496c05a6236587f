"""Gaussian splats: ellipsoids and discs fitted to pictures, their rendering and their surfaces."""

from .alignment import Alignment
from .compositing import Splatted, composite, splat, tile_hits
from .densify import DefaultStrategy
from .exposure import Exposure
from .fit import fit_splats
from .fitting import Fitting
from .footprints import project
from .gaussians import Gaussians
from .initial import initial_points, splats_at_points
from .level_set import surface_points
from .losses import distortion_loss, normal_loss, outside_loss, photometric_loss, ray_normals
from .mcmc import McmcStrategy, shared_opacity
from .optimiser import RATES, SplatOptimiser
from .schedule import Schedule
from .store import Splats, load_splats, render_splats
from .structure import structural_similarity

__all__ = [
    "RATES",
    "Alignment",
    "DefaultStrategy",
    "Exposure",
    "Fitting",
    "Gaussians",
    "McmcStrategy",
    "Schedule",
    "SplatOptimiser",
    "Splats",
    "Splatted",
    "composite",
    "distortion_loss",
    "fit_splats",
    "initial_points",
    "load_splats",
    "normal_loss",
    "outside_loss",
    "photometric_loss",
    "project",
    "ray_normals",
    "render_splats",
    "shared_opacity",
    "splat",
    "splats_at_points",
    "structural_similarity",
    "surface_points",
    "tile_hits",
]
