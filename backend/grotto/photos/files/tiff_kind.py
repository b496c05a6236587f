"""What kind of pixels a TIFF holds, for files that cannot be opened (TIFF 6.0, section 2; BigTIFF)."""

from __future__ import annotations

import mmap
import struct
from typing import BinaryIO

_WIDTH, _BITS, _COMPRESSION, _SAMPLES, _FORMAT = 256, 258, 259, 277, 339
_SIZES = {1: "B", 3: "H", 4: "I", 16: "Q"}  # of the number types that these tags have
_NUMBERS = {2: "signed whole numbers", 3: "floating-point numbers"}
_READ = {1, 2, 3, 4, 5, 6, 7, 8, 32773, 32946}  # compressions that Pillow's decoder knows for certain


class UnreadPixelsError(ValueError):
    """The file is whole, and its pixels are of a kind that is not read; the words are for the user."""


def unread_tiff(file: BinaryIO) -> str:
    """Why the pixels of a TIFF are not read, in words for the user; "" where the file does not show it."""
    try:
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            tags = _first_directory(data)
    except (OSError, struct.error, ValueError):
        return ""
    if _WIDTH not in tags:
        return ""
    bits, form, compression = tags.get(_BITS, 1), tags.get(_FORMAT, 1), tags.get(_COMPRESSION, 1)
    remedy = "save it with 8 or 16 bits a channel"
    if form in _NUMBERS:
        return f"its pixels are {_NUMBERS[form]} of {bits} bits, which have no fixed white: {remedy}"
    if bits > 16:
        return f"its pixels have {bits} bits a channel: {remedy}"
    if compression not in _READ:
        return f"its compression (number {compression}) is not read: save it with LZW or deflate, or without"
    return f"it has {tags.get(_SAMPLES, 1)} channels of {bits} bits that are not read in this form: save it as 8-bit RGB"


def _first_directory(data: mmap.mmap) -> dict[int, int]:
    """The first number of each tag of the first picture."""
    order = {b"II": "<", b"MM": ">"}.get(data[:2])
    if order is None:
        raise ValueError("no TIFF")
    big = struct.unpack_from(order + "H", data, 2)[0] == 43
    offset, count, entry, place = ("Q", "Q", 20, 12) if big else ("I", "H", 12, 8)
    (at,) = struct.unpack_from(order + offset, data, 8 if big else 4)
    (entries,) = struct.unpack_from(order + count, data, at)
    at += struct.calcsize(order + count)
    tags = {}
    for start in range(at, at + entry * min(entries, 4096), entry):
        tag, kind = struct.unpack_from(order + "HH", data, start)
        if kind not in _SIZES:
            continue
        (number,) = struct.unpack_from(order + offset, data, start + 4)
        value = start + place
        if number * struct.calcsize(_SIZES[kind]) > struct.calcsize(offset):
            (value,) = struct.unpack_from(order + offset, data, value)
        (tags[tag],) = struct.unpack_from(order + _SIZES[kind], data, value)
    return tags
