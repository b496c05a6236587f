"""Groups of crops of one flat painting, as the MuralDH comparison of the murals' paper has them."""

from .baseline import DefaultsOutcome, run_defaults
from .bench import BENCH, crop_bars, crop_table, defaults_table
from .groups import CropOutcome, crop_groups, keep_outcome, kept_outcome, mosaic_error

__all__ = [
    "BENCH",
    "CropOutcome",
    "DefaultsOutcome",
    "crop_bars",
    "crop_groups",
    "crop_table",
    "defaults_table",
    "keep_outcome",
    "kept_outcome",
    "mosaic_error",
    "run_defaults",
]
