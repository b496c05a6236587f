"""Voxel grids fitted to many photos."""

from .engine import THINNEST, LossWeights, Marched, fit_rays, render_rays
from .field import SHIFT, build_many_voxels
from .fit import fit_many_voxel
from .grid import SparseGrid
from .reference import loss_reference, march_reference

__all__ = [
    "SHIFT",
    "THINNEST",
    "LossWeights",
    "Marched",
    "SparseGrid",
    "build_many_voxels",
    "fit_many_voxel",
    "fit_rays",
    "loss_reference",
    "march_reference",
    "render_rays",
]
