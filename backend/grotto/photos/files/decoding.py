"""A picture file to upright 8-bit sRGB pixels, whole or reduced."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from .colour import Bytes, plain_mode, to_srgb
from .exif import says_adobe_rgb
from .limits import Limit
from .opening import open_picture, orientation_of, upright_size

Box = tuple[float, float, float, float]
_ANY = Limit()


def decode(path: Path, longest_px: int = 0, limit: Limit = _ANY) -> tuple[Bytes, Bytes | None]:
    """(h, w, 3) sRGB and the (h, w) opacity or None, upright.

    Raises PictureError for a broken picture and, before anything is decoded, for one beyond `limit`.
    """
    with open_picture(path, limit) as picture:
        profile = picture.info.get("icc_profile") or b""
        upright = upright_size(picture)
        target = reduced_size(*upright, longest_px)
        box = load_reduced(picture, target, reserve=2)
        orientation = orientation_of(picture)
        adobe_rgb = says_adobe_rgb(picture)
        plain = plain_mode(picture)
    if target != upright:
        stored = target if orientation < 5 else target[::-1]
        plain = plain.resize(stored, Image.Resampling.LANCZOS, box=box)
    rgb, alpha = to_srgb(plain, profile, adobe_rgb)
    return turned(rgb, orientation), None if alpha is None else turned(alpha, orientation)


def reduced_size(width: int, height: int, longest_px: int) -> tuple[int, int]:
    """(width, height) of a picture reduced to `longest_px` on its longer side; unchanged where it is 0 or no smaller."""
    longest = max(width, height)
    if longest_px <= 0 or longest_px >= longest:
        return width, height
    return max(1, round(width * longest_px / longest)), max(1, round(height * longest_px / longest))


def load_reduced(picture: Image.Image, target: tuple[int, int], reserve: int) -> Box:
    """Decode, a JPEG at the least of its own reductions that is `reserve` times the target; gives the part in use.

    The whole file is read all the same. A JPEG reduced by 8 is rounded up to whole pixels, so the photo's right and
    lower edges then lie between pixels.
    """
    drafted = None
    if picture.format in ("JPEG", "MPO"):
        longer, shorter = reserve * max(target), reserve * min(target)
        drafted = picture.draft(None, (longer, shorter) if picture.width >= picture.height else (shorter, longer))
    picture.load()
    width, height = picture.size
    if drafted is None:
        return (0.0, 0.0, width, height)
    return (0.0, 0.0, min(drafted[1][2], width), min(drafted[1][3], height))


def turned(pixels: npt.NDArray[Any], orientation: int) -> npt.NDArray[Any]:
    """The (h, w, ...) pixels of a file, made upright by its EXIF orientation (Exif 2.32, tag 0x0112)."""
    if orientation >= 5:
        pixels = pixels.swapaxes(0, 1)
    if orientation in (3, 4, 7, 8):
        pixels = pixels[::-1]
    if orientation in (2, 3, 6, 7):
        pixels = pixels[:, ::-1]
    return np.ascontiguousarray(pixels)
