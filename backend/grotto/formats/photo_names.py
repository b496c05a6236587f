"""Names of photos and numbers of pixels as documents of cameras give them."""

from __future__ import annotations

from pathlib import PurePosixPath

MOST_PHOTOS = 50_000  # of a document; each camera takes more memory than its lines
MOST_PIXELS = 1_000_000  # along a side of a photo
_LONGEST_NAME = 4096


def checked_name(name: object, what: str) -> str:
    """The path of a file as a document has it, with either kind of slash. Raises ValueError for what no disk can hold."""
    if not isinstance(name, str) or len(name) > _LONGEST_NAME:
        raise ValueError(f"{what} is no path")
    if "\0" in name or any("\ud800" <= letter <= "\udfff" and not "\udc80" <= letter <= "\udcff" for letter in name):
        raise ValueError(f"{what} holds what no file's name does")  # single surrogates stand for bytes that are no UTF-8
    if PurePosixPath(name.replace("\\", "/")).name in ("", ".."):
        raise ValueError(f"{what} ({name}) names no file")
    return name


def refuse_too_many(count: int) -> None:
    """Raise ValueError for more photos than a document of cameras may have."""
    if count > MOST_PHOTOS:
        raise ValueError(f"it names more than {MOST_PHOTOS:,} photos")


def checked_pixels(value: float, what: str) -> int:
    """A number of pixels along a side of a photo. Raises ValueError for what is none."""
    if not 0.5 <= value <= MOST_PIXELS:  # not a number is neither
        raise ValueError(f"{what} ({value:g}) is no number of pixels")
    return round(value)
