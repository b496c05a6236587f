"""Fields fitted to a few views: ZeroRF and its baselines."""

from .finetuned import CHANGE_TV_WEIGHT, LEARNING_RATE, FinetunedValues
from .fit import carve, fit_published, fit_vm, fit_voxel, fit_zerorf
from .live_fit import LiveVoxelFit, Rates
from .live_voxels import LiveVoxels, build_live_voxels

__all__ = [
    "CHANGE_TV_WEIGHT",
    "LEARNING_RATE",
    "FinetunedValues",
    "LiveVoxelFit",
    "LiveVoxels",
    "Rates",
    "build_live_voxels",
    "carve",
    "fit_published",
    "fit_vm",
    "fit_voxel",
    "fit_zerorf",
]
