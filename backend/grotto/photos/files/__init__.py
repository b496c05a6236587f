"""Picture files: their kinds, their EXIF, and their pixels as upright 8-bit sRGB."""

from .colour import Bytes, adobe_to_srgb, plain_mode, profile_fits
from .decoding import decode, load_reduced, reduced_size, turned
from .exif import Exif, read_exif
from .opening import (
    UNDECODABLE,
    format_of,
    open_picture,
    orientation_of,
    orientation_tag,
    stored_orientation,
    upright_size,
)
from .tiff_kind import UnreadPixelsError

__all__ = [
    "UNDECODABLE",
    "Bytes",
    "Exif",
    "UnreadPixelsError",
    "adobe_to_srgb",
    "decode",
    "format_of",
    "load_reduced",
    "open_picture",
    "orientation_of",
    "orientation_tag",
    "plain_mode",
    "profile_fits",
    "read_exif",
    "reduced_size",
    "stored_orientation",
    "turned",
    "upright_size",
]
