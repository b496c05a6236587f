"""The mask painted beside a photo: white is used, black is left out."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from .files import UNDECODABLE, decode, open_picture, turned

WHITE = 128  # grey from which a mask is white
LOOKED_AT_PX = 256
NEARLY = 24  # grey levels by which black and white may be off, after JPEG
MOST_BETWEEN = 0.1  # of the pixels may be grey or coloured: soft edges
MOST_BYTES_PER_PIXEL = 1.2  # a larger file holds more than black and white, or is not compressed

Keep = npt.NDArray[np.bool_]


def read_painted(
    path: Path, photo_size: tuple[int, int], photo_orientation: int, size: tuple[int, int], inverted: bool = False
) -> Keep:
    """(h, w) at `size` (width, height): True where the mask is white, or black where it is inverted.

    A mask of any size with the photo's shape fits.

    `photo_size` is upright. A mask that has the shape of the pixels as stored, before the photo's orientation, is
    turned with them. Raises ValueError where the shape is another, and one of UNDECODABLE where the file is broken.
    """
    rgb, alpha = decode(path)
    bright = rgb.max(axis=2) if alpha is None else np.minimum(rgb.max(axis=2), alpha)
    if not _like(bright.shape[::-1], photo_size) and photo_orientation >= 5 and _like(bright.shape, photo_size):
        bright = turned(bright, photo_orientation)
    if not _like(bright.shape[::-1], photo_size):
        mine, theirs = f"{bright.shape[1]} x {bright.shape[0]}", f"{photo_size[0]} x {photo_size[1]}"
        raise ValueError(f"it has another shape than the photo: {mine}, not {theirs}")
    grey = Image.fromarray(bright)
    if grey.size != size:
        grey = grey.resize(size, Image.Resampling.BOX)
    return np.asarray((np.asarray(grey) >= WHITE) != inverted)


def judged_mask(path: Path, photo_size: tuple[int, int], photo_orientation: int, inverted: bool = False) -> tuple[str, float]:
    """Why the mask cannot be used, in words for the user, "" where it can; and the share of the photo that it leaves out."""
    try:
        keep = read_painted(path, photo_size, photo_orientation, photo_size, inverted)
    except UNDECODABLE as error:
        return f"its mask {path.name} is not used: {error}", 0.0
    if keep.any():
        return "", float(1.0 - keep.mean())
    brightest = int(decode(path, LOOKED_AT_PX)[0].max())
    dark = not inverted and 1 <= brightest < WHITE
    why = f"; its brightest grey is {brightest} of 255, and white is kept" if dark else ""
    return f"its mask {path.name} is not used: it leaves out the whole photo{why}", 1.0


def is_black_and_white(path: Path) -> bool:
    """Whether a picture file holds next to nothing but black and white, soft edges aside; False for what cannot be read."""
    try:
        with open_picture(path) as picture:
            pixels = picture.width * picture.height
        if path.stat().st_size > MOST_BYTES_PER_PIXEL * pixels + 4096:
            return False
        rgb, alpha = decode(path, LOOKED_AT_PX)
    except UNDECODABLE:
        return False
    grey = rgb.max(axis=2) if alpha is None else np.minimum(rgb.max(axis=2), alpha)
    coloured = (np.ptp(rgb.astype(np.int16), axis=2) > NEARLY).mean()
    between = ((grey > NEARLY) & (grey < 255 - NEARLY)).mean()
    return bool(coloured <= MOST_BETWEEN and between <= MOST_BETWEEN)


def _like(size: tuple[int, ...], photo: tuple[int, int]) -> bool:
    """Whether (width, height) has the photo's shape, rounding to whole pixels allowed."""
    return abs(size[0] * photo[1] - size[1] * photo[0]) <= max(photo)
