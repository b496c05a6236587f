"""The same picture twice: the same file, the same pixels, or the same photo saved in two formats."""

from __future__ import annotations

from pathlib import PurePosixPath

import numpy as np

from .files import PictureError
from .inspection import Inspected
from .photo import Skipped

_SAME_THUMBNAIL = 3.0  # RMS of grey levels over 32 x 32; JPEG and lossless copies of one photo stay below 1


def without_duplicates(photos: list[Inspected]) -> tuple[list[Inspected], list[Skipped]]:
    """The photos without those that show nothing new, in the same order; of two alike the first stays.

    Of one photo saved under the same name in two formats the one with more pixels stays.
    """
    kept: dict[str, Inspected] = {}  # by name
    seen: dict[str, str] = {}  # name of the photo kept, by each of the three marks of a picture
    skipped: list[Skipped] = []
    for photo in photos:
        name, stem = photo.found.name, f"stem {PurePosixPath(photo.found.name.casefold()).with_suffix('')}"
        why, rival = "", ""
        if photo.sha256 in seen:
            why, rival = "it is the same file as", seen[photo.sha256]
        elif photo.pixels in seen and _same_pixels(photo, kept[seen[photo.pixels]]):
            why, rival = "it shows the same pixels as", seen[photo.pixels]
        elif stem in seen and _same_picture(photo, kept[seen[stem]]):
            why, rival = "it is the same photo in another format as", seen[stem]
        if why and _pixel_count(kept[rival]) >= _pixel_count(photo):
            skipped.append(Skipped(name=name, reason=f"{why} {rival}"))
            continue
        if why:
            skipped.append(Skipped(name=rival, reason=f"{why} {name}"))
            del kept[rival]
            seen = {mark: name if holder == rival else holder for mark, holder in seen.items()}
        kept[name] = photo
        for mark in (photo.sha256, photo.pixels, stem):
            seen.setdefault(mark, name)
    return list(kept.values()), skipped


def _pixel_count(photo: Inspected) -> int:
    return photo.header.width * photo.header.height


def _same_pixels(photo: Inspected, other: Inspected) -> bool:
    try:
        (mine, my_alpha), (theirs, their_alpha) = photo.decode(), other.decode()
    except PictureError:
        return False
    if my_alpha is None or their_alpha is None:
        return my_alpha is their_alpha and np.array_equal(mine, theirs)
    return np.array_equal(my_alpha, their_alpha) and np.array_equal(mine, theirs)


def _same_picture(photo: Inspected, other: Inspected) -> bool:
    mine, theirs = photo.header.width / photo.header.height, other.header.width / other.header.height
    distance = float(np.sqrt(np.mean((photo.thumbnail - other.thumbnail) ** 2)))
    return abs(mine / theirs - 1) < 0.01 and distance < _SAME_THUMBNAIL
