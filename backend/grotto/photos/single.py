"""One picture by itself: a painting's photo, a cut-out, a sheet."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ..contract import ProblemError, bad_input
from .files import UNDECODABLE, Bytes, decode, open_picture, orientation_of

_LONGEST_PX = 30_000


@dataclass(frozen=True)
class Picture:
    """A whole picture, upright, sRGB."""

    colour: Bytes  # (h, w, 3)
    alpha: Bytes | None  # (h, w)
    plain: bool  # whether a viewer that knows no EXIF, profiles or rare formats shows the file's bytes like this
    frames: int  # of an animation the first one is read


def picture_size(path: Path) -> tuple[int, int]:
    """Width and height as stored, without decoding. Raises what `read_picture` raises."""
    if not path.is_file():
        raise bad_input(f"there is no file {path}", "choose one picture")
    try:
        with open_picture(path) as header:
            size = header.size
    except UNDECODABLE as error:
        raise _unreadable(path, error) from error
    if max(size) >= _LONGEST_PX:
        raise bad_input(f"{path.name} is {max(size)} px long", f"reduce it to less than {_LONGEST_PX} px")
    return size


def read_picture(path: Path) -> Picture:
    """Read a picture file at full size. Raises bad input for what is no picture, is broken, or has 30,000 px a side or more."""
    picture_size(path)
    try:
        with open_picture(path) as header:
            simple = header.mode in ("RGB", "RGBA", "L") and orientation_of(header) == 1 and not header.info.get("icc_profile")
            plain = simple and header.format in ("PNG", "JPEG") and "transparency" not in header.info
            frames = int(getattr(header, "n_frames", 1))
        colour, alpha = decode(path)
    except UNDECODABLE as error:
        raise _unreadable(path, error) from error
    return Picture(colour, alpha, plain and frames == 1, frames)


def _unreadable(path: Path, error: Exception) -> ProblemError:
    return bad_input(f"{path.name} cannot be read ({error})", "choose a PNG, JPEG, TIFF, WebP or HEIF picture")
