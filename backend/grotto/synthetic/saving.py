"""Photos on disk: JPEG, with or without the EXIF of a camera."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from PIL import Image

from ..contract.options import MakeWallOptions
from .photograph import Picture

FULL_FRAME_MM = 36.0  # width of the film that EXIF's equivalent focal length refers to
_FIRST_PHOTO = datetime(2024, 5, 4, 9, 0, 0)


def save_photo(pixels: Picture, path: Path, index: int, options: MakeWallOptions) -> None:
    """Write a JPEG without chroma subsampling. With EXIF, photo `index` is taken ten seconds after the one before."""
    image = Image.fromarray(pixels)
    if options.exif and options.capture == "rail":
        image.save(path, quality=options.jpeg_quality, subsampling=0, exif=_exif(index, options))
    else:
        image.save(path, quality=options.jpeg_quality, subsampling=0)


def _exif(index: int, options: MakeWallOptions) -> Image.Exif:
    focal_mm = options.focal_px * FULL_FRAME_MM / max(options.photo_width, options.photo_height)
    taken = (_FIRST_PHOTO + timedelta(seconds=10 * index)).strftime("%Y:%m:%d %H:%M:%S")
    exif = Image.Exif()
    exif[0x010F], exif[0x0110] = "Grotto", "Made wall"  # Make, Model
    exif[0x0112] = 1  # Orientation
    exif[0x0132] = taken  # DateTime
    detail = exif.get_ifd(0x8769)
    detail[0x9003] = taken  # DateTimeOriginal
    detail[0x920A] = focal_mm  # FocalLength
    detail[0xA405] = round(focal_mm)  # FocalLengthIn35mmFilm
    return exif
