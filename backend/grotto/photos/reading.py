"""A photo's pixels and its mask, upright, in sRGB."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from ..contract import bad_input
from .colour import Bytes, plain_mode, to_srgb
from .exif import says_adobe_rgb
from .opening import open_picture, orientation_of, upright_size
from .photo import Photo

LEFT_OUT_GREY = 128  # what fully transparent pixels show: no edge is stronger than half the range


def read_image(photo: Photo, longest_px: int = 0) -> Bytes:
    """(h, w, 3) sRGB pixels, upright; reduced to `longest_px` on the longer side where that is smaller than the photo.

    The size is that of `reduced_size`. Half transparent pixels keep their own colour; fully transparent ones are mid
    grey, and `read_mask` leaves them out. Raises bad input where the file has gone or changed since it was checked.
    """
    rgb, alpha = _read(photo, longest_px)
    if alpha is not None and not alpha.all():
        rgb = rgb.copy()
        rgb[alpha == 0] = LEFT_OUT_GREY
    return rgb


def read_mask(photo: Photo, longest_px: int = 0) -> npt.NDArray[np.bool_] | None:
    """(h, w) of `read_image`'s size: True where the photo is to be used. None where all of it is.

    Left out is what is black in the mask beside the photo, and what is fully transparent in the photo itself.
    """
    keep: npt.NDArray[np.bool_] | None = None
    if photo.transparent:
        _, alpha = _read(photo, longest_px)
        keep = alpha > 0 if alpha is not None else None
    if photo.mask:
        painted = _read_painted(Path(photo.mask), photo, reduced_size(photo.width, photo.height, longest_px))
        keep = painted if keep is None else keep & painted
    return keep


def reduced_size(width: int, height: int, longest_px: int) -> tuple[int, int]:
    """(width, height) of a picture reduced to `longest_px` on its longer side; unchanged where it is 0 or no smaller."""
    longest = max(width, height)
    if longest_px <= 0 or longest_px >= longest:
        return width, height
    return max(1, round(width * longest_px / longest)), max(1, round(height * longest_px / longest))


def decode(path: Path, longest_px: int = 0) -> tuple[Bytes, Bytes | None]:
    """(h, w, 3) sRGB and the (h, w) opacity or None, upright. Raises OSError or ValueError for a broken picture."""
    with open_picture(path) as picture:
        profile = picture.info.get("icc_profile") or b""
        width, height = upright_size(picture)
        target = reduced_size(width, height, longest_px)
        box = _load_reduced(picture, target if target != (width, height) else None)
        orientation = orientation_of(picture)
        adobe_rgb = says_adobe_rgb(picture)
        plain = plain_mode(picture)
    if target != (width, height):
        stored = target if orientation < 5 else target[::-1]
        plain = plain.resize(stored, Image.Resampling.LANCZOS, box=box)
    rgb, alpha = to_srgb(plain, profile, adobe_rgb)
    return turned(rgb, orientation), None if alpha is None else turned(alpha, orientation)


def turned(pixels: Bytes, orientation: int) -> Bytes:
    """The (h, w, ...) pixels of a file, made upright by its EXIF orientation (Exif 2.32, tag 0x0112)."""
    if orientation >= 5:
        pixels = pixels.swapaxes(0, 1)
    if orientation in (3, 4, 7, 8):
        pixels = pixels[::-1]
    if orientation in (2, 3, 6, 7):
        pixels = pixels[:, ::-1]
    return np.ascontiguousarray(pixels)


def _load_reduced(picture: Image.Image, target: tuple[int, int] | None) -> tuple[float, float, float, float]:
    """Decode the picture, a JPEG at the least of its own reductions that is twice the target; gives the part in use.

    A JPEG reduced by 8 is rounded up to whole pixels, so the picture's right and lower edges lie between pixels.
    """
    drafted = None
    if target is not None and picture.format in ("JPEG", "MPO"):
        wide, tall = 2 * max(target), 2 * min(target)
        drafted = picture.draft(None, (wide, tall) if picture.width >= picture.height else (tall, wide))
    picture.load()
    if drafted is not None:
        left, top, right, lower = drafted[1]
        return (left, top, min(right, picture.width), min(lower, picture.height))
    return (0.0, 0.0, picture.width, picture.height)


def _read(photo: Photo, longest_px: int) -> tuple[Bytes, Bytes | None]:
    try:
        rgb, alpha = decode(Path(photo.path), longest_px)
    except (OSError, ValueError) as error:
        raise bad_input(
            f"the photo {photo.name} can no longer be read ({error})", "keep the photos in place, then try again"
        ) from error
    width, height = reduced_size(photo.width, photo.height, longest_px)
    if rgb.shape[:2] != (height, width):
        raise bad_input(f"the photo {photo.name} has changed since it was checked", "start the job again")
    return rgb, alpha


def _read_painted(path: Path, photo: Photo, size: tuple[int, int]) -> npt.NDArray[np.bool_]:
    try:
        rgb, alpha = decode(path)
    except (OSError, ValueError) as error:
        raise bad_input(f"the mask {path.name} of {photo.name} cannot be read ({error})", "save it again as PNG") from error
    bright = rgb.max(axis=2) if alpha is None else np.minimum(rgb.max(axis=2), alpha)
    grey = Image.fromarray(bright)
    if grey.size != size:
        grey = grey.resize(size, Image.Resampling.BOX if grey.width > size[0] else Image.Resampling.NEAREST)
    return np.asarray(grey) >= 128
