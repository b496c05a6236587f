"""How large a picture may be: judged from its header, before anything is decoded."""

from __future__ import annotations

from dataclasses import dataclass

from PIL import Image

MOST_PIXELS = 500_000_000  # of any picture where nobody sets another limit: a mural at 0.1 mm and 2.2 m x 2.2 m
MOST_SIDE = 1_000_000
MOST_FILE_BYTES = 1 << 30  # of formats whose decoders read the whole file into memory
_READ_WHOLE = ("AVIF", "HEIF", "WEBP")
_FLAT_PIXELS = 50_000_000  # smaller pictures may hold one flat colour
_MOST_PIXELS_PER_BYTE = 2000  # of a file; 8-bit grey in one flat colour has 1030, fax pages of text about 800


@dataclass(frozen=True)
class Limit:
    """The most pixels that a picture may have, and what the limit is, in words that follow "and the limit is"."""

    pixels: int = MOST_PIXELS
    words: str = ""
    remedy: str = "save it smaller"
    may_be_flat: bool = False  # however large it is, one colour may be all that it holds: masks, and what was judged before


class TooLargeError(ValueError):
    """A picture is larger than what it is wanted for; cause and remedy are for the user."""

    def __init__(self, cause: str, remedy: str) -> None:
        super().__init__(f"{cause}: {remedy}")
        self.cause, self.remedy = cause, remedy


def refuse_too_large(picture: Image.Image, file_bytes: int, limit: Limit) -> None:
    """Raise TooLargeError, with numbers, for an opened and not yet decoded picture beyond the limit."""
    width, height = picture.size
    pixels = width * height
    size = f"it has {pixels / 1e6:.4g} megapixels ({width} x {height})"
    if max(width, height) > MOST_SIDE:
        raise TooLargeError(f"it is {max(width, height)} px long and the limit is {MOST_SIDE}", limit.remedy)
    if pixels > limit.pixels:
        raise TooLargeError(f"{size} and the limit is {limit.words or f'{limit.pixels / 1e6:.4g}'}", limit.remedy)
    if not limit.may_be_flat and pixels > _FLAT_PIXELS and pixels > _MOST_PIXELS_PER_BYTE * file_bytes:
        raise TooLargeError(f"{size} in a file of {file_bytes / 1e3:.0f} kB, so that nothing can be on it", "choose another")


def refuse_large_file(name: str, file_bytes: int) -> None:
    """Raise TooLargeError for a file that its format's decoder would read into memory as a whole."""
    if name in _READ_WHOLE and file_bytes > MOST_FILE_BYTES:
        most = f"{MOST_FILE_BYTES / 1e9:.1f} GB"
        raise TooLargeError(f"its file has {file_bytes / 1e9:.1f} GB and the limit for {name} is {most}", "save it smaller")
