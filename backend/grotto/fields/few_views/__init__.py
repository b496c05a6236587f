"""Fields fitted to a few views: ZeroRF and its baselines."""

from .finetuned import CHANGE_TV_WEIGHT, LEARNING_RATE, FinetunedValues
from .fit import carve, fit_plain, fit_vm, fit_voxel, fit_zerorf
from .live_fit import LiveVoxelFit, Rates
from .live_voxels import LiveVoxels, build_live_voxels
from .published import PUBLISHED, SMALL, PublishedZeroRF, fit_published_zerorf
from .published_decoders import PlaneDecoder

__all__ = [
    "CHANGE_TV_WEIGHT",
    "LEARNING_RATE",
    "PUBLISHED",
    "SMALL",
    "FinetunedValues",
    "LiveVoxelFit",
    "LiveVoxels",
    "PlaneDecoder",
    "PublishedZeroRF",
    "Rates",
    "build_live_voxels",
    "carve",
    "fit_plain",
    "fit_published_zerorf",
    "fit_vm",
    "fit_voxel",
    "fit_zerorf",
]
