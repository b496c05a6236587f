"""A photo's pixels and what of them is left out, for every stage that looks at photos."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from ..contract import bad_input
from .files import Bytes, PictureError, decode, reduced_size, stored_orientation
from .inspection import limit_of_photo
from .mask_reading import read_painted
from .photo import Photo

LEFT_OUT_GREY = 128  # what fully transparent pixels show: no edge is stronger than half the range


def read_image(photo: Photo, longest_px: int = 0) -> Bytes:
    """(h, w, 3) sRGB pixels, upright; reduced to `longest_px` on the longer side where that is smaller than the photo.

    Half transparent pixels keep their own colour; fully transparent ones are mid grey, and `read_mask` leaves them
    out. Raises bad input where the file has gone or changed since it was checked.
    """
    rgb, alpha = _read(photo, longest_px)
    if alpha is not None and not alpha.all():
        rgb = rgb.copy()
        rgb[alpha == 0] = LEFT_OUT_GREY
    return rgb


def read_mask(photo: Photo, longest_px: int = 0) -> npt.NDArray[np.bool_] | None:
    """(h, w) of `read_image`'s size: True where the photo is to be used. None where all of it is.

    Left out is what is black in the photo's mask (white where it is inverted), and what is fully transparent in the photo itself.
    Raises bad input where a file has gone or changed since it was checked.
    """
    keep: npt.NDArray[np.bool_] | None = None
    if photo.transparent:
        _, alpha = _read(photo, longest_px)
        keep = None if alpha is None else alpha > 0
    if photo.mask:
        mask = Path(photo.mask)
        try:
            turn = stored_orientation(Path(photo.path))
            size = reduced_size(photo.width, photo.height, longest_px)
            painted = read_painted(mask, (photo.width, photo.height), turn, size, photo.mask_inverted)
        except ValueError as error:
            raise bad_input(
                f"the mask {mask.name} of {photo.name} can no longer be read ({error})", "start the job again"
            ) from error
        keep = painted if keep is None else keep & painted
    return keep


def read_opacity(photo: Photo, longest_px: int = 0) -> npt.NDArray[np.float32] | None:
    """(h, w) of `read_image`'s size, 0 to 1: how much of each pixel is the subject's. None where all of it is.

    The photo's own alpha, soft edges included, times the mask beside it. Raises bad input where a file has gone or changed.
    """
    opacity: npt.NDArray[np.float32] | None = None
    if photo.transparent:
        _, alpha = _read(photo, longest_px)
        opacity = None if alpha is None else (alpha / np.float32(255)).astype(np.float32)
    if photo.mask:
        keep = read_mask(photo, longest_px)
        painted = None if keep is None else keep.astype(np.float32)
        opacity = painted if opacity is None else opacity if painted is None else opacity * painted
    return opacity


def _read(photo: Photo, longest_px: int) -> tuple[Bytes, Bytes | None]:
    try:
        rgb, alpha = decode(Path(photo.path), longest_px, limit_of_photo(photo.width, photo.height))
    except PictureError as error:
        raise bad_input(f"the photo {photo.name} can no longer be read ({error})", "start the job again") from error
    width, height = reduced_size(photo.width, photo.height, longest_px)
    if rgb.shape[:2] != (height, width):
        raise bad_input(f"the photo {photo.name} has changed since it was checked", "start the job again")
    return rgb, alpha
