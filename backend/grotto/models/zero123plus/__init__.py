"""Zero123++: six views round the object on one picture (Shi et al., 2310.15110)."""

from .normals import NormalGenerator, alpha_of_normals, load_normal_generator
from .picture import framed, on_grey, pixel_values, split_sheet
from .pipeline import (
    Draws,
    SixViewsOptions,
    condition_on,
    decode,
    decoder_input,
    empty_prompt,
    picture_embedding,
    posterior,
    ramped,
    sample,
    sheet_of,
    six_normals,
    six_views,
)
from .scheduler import SAMPLERS, NoiseSettings, make_scheduler
from .weights import Networks, load_networks, read_settings

__all__ = [
    "SAMPLERS",
    "Draws",
    "Networks",
    "NoiseSettings",
    "NormalGenerator",
    "SixViewsOptions",
    "alpha_of_normals",
    "condition_on",
    "decode",
    "decoder_input",
    "empty_prompt",
    "framed",
    "load_networks",
    "load_normal_generator",
    "make_scheduler",
    "on_grey",
    "picture_embedding",
    "pixel_values",
    "posterior",
    "ramped",
    "read_settings",
    "sample",
    "sheet_of",
    "six_normals",
    "six_views",
    "split_sheet",
]
