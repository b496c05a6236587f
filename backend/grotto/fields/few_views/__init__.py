"""Fields fitted to a few views: ZeroRF and its baselines."""

from .fit import carve, fit_plain, fit_vm, fit_voxel, fit_zerorf
from .freed import CHANGE_TV_WEIGHT, LEARNING_RATE, FreedValues
from .live_fit import LiveFitting, Rates
from .live_voxels import LiveVoxels, build_live_voxels
from .published import fit_published_zerorf

__all__ = [
    "CHANGE_TV_WEIGHT",
    "LEARNING_RATE",
    "FreedValues",
    "LiveFitting",
    "LiveVoxels",
    "Rates",
    "build_live_voxels",
    "carve",
    "fit_plain",
    "fit_published_zerorf",
    "fit_vm",
    "fit_voxel",
    "fit_zerorf",
]
