"""The mask painted beside a photo: white is used, black is left out."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from ..contract import UNMEASURED
from .files import Limit, PictureError, decode, open_picture, turned
from .mask_files import MaskFile

WHITE = 128  # grey from which a mask is white
LOOKED_AT_PX = 256
NEARLY = 24  # grey levels by which black and white may be off, after JPEG
MOST_BETWEEN = 0.1  # of the pixels may be grey or coloured: soft edges
FEW = 0.01  # so many pixels may be so in any case: the edges of a thin pole
FULL_OF_GREY, FLAT_LEVELS = 0.5, 8  # part of a photo that is grey; so many levels hold most of a map of classes
MOST_BYTES_PER_PIXEL = 1.2  # a larger file holds more than black and white, or is not compressed
TIMES_PHOTO = 16  # the most pixels of a mask in those of its photo: four times as long and as wide
BYTES_PER_MASK_PIXEL = 12  # at the peak of reading one
LEAST_LIMIT_PX = 16_000_000  # what masks of small photos may have all the same

Keep = npt.NDArray[np.bool_]


def read_painted(
    path: Path,
    photo_size: tuple[int, int],
    photo_orientation: int,
    size: tuple[int, int],
    inverted: bool = False,
    limit: Limit | None = None,
) -> Keep:
    """(h, w) at `size` (width, height): True where the mask is white, or black where it is inverted.

    A mask of any size with the photo's shape fits.

    `photo_size` is upright. A mask that has the shape of the pixels as stored, before the photo's orientation, is
    turned with them. Raises ValueError, with words, where the shape is another, where the mask is beyond `limit`, which
    is that of `limit_of_mask` where none is given, and where the file is broken.
    """
    rgb, alpha = decode(path, limit=limit or limit_of_mask(photo_size))
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


def limit_of_mask(photo_size: tuple[int, int], free_bytes: int = UNMEASURED) -> Limit:
    """The most pixels of a mask beside a photo of this (width, height)."""
    pixels = photo_size[0] * photo_size[1]
    most, fits = max(TIMES_PHOTO * pixels, LEAST_LIMIT_PX), free_bytes // BYTES_PER_MASK_PIXEL
    if fits < most:
        words, most = f"{fits / 1e6:.4g}, which fit into the free memory", fits
    else:
        words = f"{most / 1e6:.4g} beside a photo of {pixels / 1e6:.4g}"
    return Limit(most, words, "save it in the photo's size", may_be_flat=True)


def bytes_to_read_mask(mask: MaskFile, photo_size: tuple[int, int]) -> int:
    """Memory at the peak of reading a mask; 0 for one that is beyond the limit or broken, which is not decoded."""
    try:
        with open_picture(mask.path, limit_of_mask(photo_size)) as picture:
            return picture.width * picture.height * BYTES_PER_MASK_PIXEL
    except PictureError:
        return 0


def judged_mask(
    mask: MaskFile, photo_size: tuple[int, int], photo_orientation: int, free_bytes: int = UNMEASURED
) -> tuple[str, float]:
    """Why the mask cannot be used, in words for the user, "" where it can; and the share of the photo that it leaves out."""
    limit = limit_of_mask(photo_size, free_bytes)
    try:
        keep = read_painted(mask.path, photo_size, photo_orientation, photo_size, mask.inverted, limit)
        colour, alpha = decode(mask.path, limit=limit)
        if alpha is None and _is_a_picture(colour.max(axis=2)):
            return f"its mask {mask.path.name} is not used: it shows a picture, and no areas of black and white", 0.0
        if keep.any():
            return "", float(1.0 - keep.mean())
        brightest = int(colour.max())
    except ValueError as error:
        return f"its mask {mask.path.name} is not used: {error}", 0.0
    dark = not mask.inverted and 1 <= brightest < WHITE
    why = f"; its brightest grey is {brightest} of 255, and white is kept" if dark else ""
    return f"its mask {mask.path.name} is not used: it leaves out the whole photo{why}", 1.0


def _is_a_picture(bright: npt.NDArray[np.uint8]) -> bool:
    """Whether grey levels (h, w) are those of a photo: most neither black nor white, and no few of them in most places."""
    counts = np.bincount(bright.ravel(), minlength=256)
    between = counts[NEARLY + 1 : 255 - NEARLY]
    return bool(between.sum() > FULL_OF_GREY * bright.size and np.sort(between)[-FLAT_LEVELS:].sum() < 0.5 * between.sum())


def is_black_and_white(path: Path, limit: Limit) -> bool:
    """Whether a picture file holds next to nothing but black and white, soft edges aside.

    Edges are fewer than what they part: a small figure cut out, or on white paper, is a picture of that figure, and no mask.
    False for what cannot be read or is beyond the limit.
    """
    try:
        with open_picture(path) as picture:
            pixels = picture.width * picture.height
        if path.stat().st_size > MOST_BYTES_PER_PIXEL * pixels + 4096:
            return False
        rgb, alpha = decode(path, LOOKED_AT_PX, limit)
    except (PictureError, OSError):
        return False
    grey = rgb.max(axis=2) if alpha is None else np.minimum(rgb.max(axis=2), alpha)
    coloured = (np.ptp(rgb.astype(np.int16), axis=2) > NEARLY) & (grey > NEARLY)
    between = coloured | ((grey > NEARLY) & (grey < 255 - NEARLY))
    black, white = ((part & ~between).mean() for part in (grey <= NEARLY, grey >= 255 - NEARLY))
    return bool(between.mean() <= min(MOST_BETWEEN, max(FEW, min(black, white))))


def _like(size: tuple[int, ...], photo: tuple[int, int]) -> bool:
    """Whether (width, height) has the photo's shape, rounding to whole pixels allowed."""
    return abs(size[0] * photo[1] - size[1] * photo[0]) <= max(photo)
