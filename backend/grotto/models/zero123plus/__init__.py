"""Zero123++: six views round the object on one picture (Shi et al., 2310.15110)."""

from .condition import framed, on_grey, pixel_values
from .decoding import decode, decoder_input, sheet_of, split_sheet
from .draws import seeded_draws
from .embedding import condition_on, empty_prompt, picture_embedding, posterior, ramped
from .loading import Networks, load_networks
from .sampling import sample
from .schedule import SAMPLERS, Schedule, make_schedule, scaled, stepped
from .settings import NoiseSettings, read_settings
from .six_views import SixViewsOptions, six_views

__all__ = [
    "SAMPLERS",
    "Networks",
    "NoiseSettings",
    "Schedule",
    "SixViewsOptions",
    "condition_on",
    "decode",
    "decoder_input",
    "empty_prompt",
    "framed",
    "load_networks",
    "make_schedule",
    "on_grey",
    "picture_embedding",
    "pixel_values",
    "posterior",
    "ramped",
    "read_settings",
    "sample",
    "scaled",
    "seeded_draws",
    "sheet_of",
    "six_views",
    "split_sheet",
    "stepped",
]
