"""Picture files: their kinds, their EXIF, and their pixels as upright 8-bit sRGB."""

from .colour import Bytes, adobe_to_srgb, plain_mode, profile_fits
from .decoding import decode, load_reduced, reduced_size, turned
from .exif import Exif, read_exif
from .limits import MOST_FILE_BYTES, MOST_PIXELS, Limit, TooLargeError
from .opening import (
    CUT_OFF,
    MOST_FRAMES,
    PictureError,
    format_of,
    frame_count,
    head_of,
    open_embedded,
    open_picture,
    orientation_of,
    orientation_tag,
    stored_orientation,
    upright_size,
)
from .tiff_kind import UnreadPixelsError

__all__ = [
    "CUT_OFF",
    "MOST_FILE_BYTES",
    "MOST_FRAMES",
    "MOST_PIXELS",
    "Bytes",
    "Exif",
    "Limit",
    "PictureError",
    "TooLargeError",
    "UnreadPixelsError",
    "adobe_to_srgb",
    "decode",
    "format_of",
    "frame_count",
    "head_of",
    "load_reduced",
    "open_embedded",
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
