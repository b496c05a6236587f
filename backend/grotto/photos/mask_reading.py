"""The mask painted beside a photo: white is used, black is left out."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from .decoding import decode, turned
from .opening import UNDECODABLE

Keep = npt.NDArray[np.bool_]


def read_painted(path: Path, photo_size: tuple[int, int], photo_orientation: int, size: tuple[int, int]) -> Keep:
    """(h, w) at `size` (width, height): True where the mask is white. A mask of any size with the photo's shape fits.

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
    return np.asarray(grey) >= 128


def mask_fault(path: Path, photo_size: tuple[int, int], photo_orientation: int) -> str:
    """Why the mask cannot be used, in words for the user; "" where it can."""
    try:
        keep = read_painted(path, photo_size, photo_orientation, photo_size)
    except UNDECODABLE as error:
        return f"its mask {path.name} is not used: {error}"
    return "" if keep.any() else f"its mask {path.name} is not used: it leaves out the whole photo"


def _like(size: tuple[int, ...], photo: tuple[int, int]) -> bool:
    """Whether (width, height) has the photo's shape, rounding to whole pixels allowed."""
    return abs(size[0] * photo[1] - size[1] * photo[0]) <= max(photo)
