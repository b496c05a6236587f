"""One picture by itself: a painting's photo, a cut-out, a sheet, or a picture that a stage has written."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from ..contract import ProblemError, bad_input
from ..formats import open_regular, why_not_regular
from .files import (
    MOST_FILE_BYTES,
    MOST_FRAMES,
    Bytes,
    Limit,
    PictureError,
    TooLargeError,
    decode,
    frame_count,
    open_embedded,
    open_picture,
    orientation_of,
)

_LONGEST_PX = 30_000
_LIMIT = Limit(remedy="save it smaller, or cut it into parts")
_OURS = Limit(pixels=1 << 33, may_be_flat=True)  # of pictures that stages wrote, which follow from the options


@dataclass(frozen=True)
class Picture:
    """A whole picture, upright, sRGB."""

    colour: Bytes  # (h, w, 3)
    alpha: Bytes | None  # (h, w)
    plain: bool  # whether a viewer that knows no EXIF, profiles or rare formats shows the file's bytes like this
    frames: int  # of an animation the first one is read; counted to 100

    @property
    def frames_in_words(self) -> str:
        """The number of frames, for the user."""
        return f"{self.frames} or more" if self.frames >= MOST_FRAMES else str(self.frames)


def picture_size(path: Path) -> tuple[int, int]:
    """Width and height as stored, without decoding. Raises what `read_picture` raises."""
    _require_file(path)
    try:
        with open_picture(path, _LIMIT) as header:
            size = header.size
    except PictureError as error:
        raise _unreadable(path, error) from error
    if max(size) >= _LONGEST_PX:
        raise bad_input(f"{path.name} is {max(size)} px long", f"reduce it to less than {_LONGEST_PX} px")
    return size


def read_picture(path: Path) -> Picture:
    """Read a picture file at full size.

    Raises bad input for what is no picture, is broken, has 30,000 px a side or more, or more than 500 megapixels.
    """
    picture_size(path)
    try:
        with open_picture(path, _LIMIT) as header:
            simple = header.mode in ("RGB", "RGBA", "L") and orientation_of(header) == 1 and not header.info.get("icc_profile")
            plain = simple and header.format in ("PNG", "JPEG") and "transparency" not in header.info
            frames = frame_count(header)
        colour, alpha = decode(path, limit=_LIMIT)
    except PictureError as error:
        raise _unreadable(path, error) from error
    return Picture(colour, alpha, plain and frames == 1, frames)


def picture_bytes(path: Path) -> bytes:
    """A picture file's content as it is. Raises PictureError where there is none, or one of more than a gigabyte."""
    try:
        with open_regular(path) as file:
            size = os.fstat(file.fileno()).st_size
            if size > MOST_FILE_BYTES:
                raise PictureError(f"its file has {size / 1e9:.1f} GB")
            return file.read(size)
    except OSError as error:
        raise PictureError(f"it cannot be read ({error})") from error


def stored_picture(path: Path, least_px: int = 0) -> Image.Image:
    """A picture that a stage wrote, decoded and as it lies in the file: no turn, no profile.

    A JPEG may be reduced to `least_px` on both sides, where that is above 0. Raises PictureError where it is broken or gone.
    """
    with open_picture(path, _OURS) as picture:
        if least_px and picture.format == "JPEG":
            picture.draft("RGB", (least_px, least_px))
        picture.load()
        return picture


def embedded_picture(content: bytes) -> Image.Image:
    """A picture that lies within another file, as a mesh's texture does, decoded and as it lies there.

    Raises PictureError where it is broken or has more than 500 megapixels.
    """
    with open_embedded(content, _LIMIT) as picture:
        picture.load()
        return picture


def _require_file(path: Path) -> None:
    try:
        why = why_not_regular(path)
    except (OSError, ValueError) as error:
        raise bad_input(f"there is no file {path}", "choose one picture") from error
    if why:
        raise bad_input(f"{path.name} cannot be read ({why})", "choose one picture")


def _unreadable(path: Path, error: Exception) -> ProblemError:
    too_large = error.__cause__
    if isinstance(too_large, TooLargeError):
        return bad_input(f"{path.name} cannot be used ({too_large.cause})", too_large.remedy)
    return bad_input(f"{path.name} cannot be read ({error})", "choose a PNG, JPEG, TIFF, WebP or HEIF picture")
