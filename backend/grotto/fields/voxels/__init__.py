"""Voxel grids fitted to many photos."""

from .budget import scene_steps
from .engine import LEAST_TRANSMITTANCE, THINNEST, LossWeights, Marched, fit_rays, render_rays
from .field import SHIFT, build_sparse_voxels, colour_of
from .fit import fit_sparse_voxels
from .grid import SparseGrid

__all__ = [
    "LEAST_TRANSMITTANCE",
    "SHIFT",
    "THINNEST",
    "LossWeights",
    "Marched",
    "SparseGrid",
    "build_sparse_voxels",
    "colour_of",
    "fit_rays",
    "fit_sparse_voxels",
    "render_rays",
    "scene_steps",
]
