"""What a PNG says behind its pixels: EXIF and XMP, found without decoding anything (PNG, third edition, section 11.3)."""

from __future__ import annotations

import struct
import zlib
from typing import BinaryIO

_SIGNATURE_BYTES = 8
_MOST_CHUNKS = 200_000  # a file of 1.6 GB in the smallest pieces that programs write
_MOST_BEFORE_PIXELS = 10_000  # more than any program writes; a decoder keeps each of them
_MOST_TEXT = 1 << 20  # bytes, as stored and unpacked
_XMP = b"XML:com.adobe.xmp"
_EXIF_AS_TEXT = b"Raw profile type exif"


def late_metadata(file: BinaryIO) -> dict[str, bytes]:
    """`exif` and `xmp` of the chunks that follow the first pixels of a PNG; compressed pixels are skipped, not read.

    What is damaged or longer than a megabyte is passed over: who decodes the file finds out. Raises ValueError for a file of so
    many chunks that no decoder should read it.
    """
    found: dict[str, bytes] = {}
    file.seek(_SIGNATURE_BYTES)
    pixels_begun = False
    for number in range(_MOST_CHUNKS):
        head = file.read(8)
        if len(head) < 8:
            break
        length, kind = struct.unpack(">I4s", head)
        if kind == b"IEND":
            break
        pixels_begun = pixels_begun or kind == b"IDAT"
        if number > _MOST_BEFORE_PIXELS and not pixels_begun:
            raise ValueError(f"more than {_MOST_BEFORE_PIXELS} chunks stand before its pixels")
        if pixels_begun and kind in (b"eXIf", b"tEXt", b"zTXt", b"iTXt") and length <= _MOST_TEXT:
            _read_chunk(kind, file.read(length), found)
            file.seek(4, 1)  # its checksum
        else:
            file.seek(length + 4, 1)
    return found


def exif_of_text(text: str) -> bytes:
    """The EXIF that ImageMagick writes as lines of hexadecimal digits; empty where they are damaged."""
    try:
        return bytes.fromhex("".join(text.split("\n")[3:]))
    except ValueError:
        return b""


def _read_chunk(kind: bytes, data: bytes, found: dict[str, bytes]) -> None:
    if kind == b"eXIf":
        found["exif"] = b"Exif\0\0" + data
        return
    key, _, rest = data.partition(b"\0")
    if key == _XMP and kind == b"iTXt":
        packed, rest = rest[:1] == b"\1", rest[2:]
        text = rest.split(b"\0", 2)[-1]  # after the language and the translated key
        found["xmp"] = _unpacked(text) if packed else text
    elif key == _EXIF_AS_TEXT and kind != b"iTXt" and "exif" not in found:
        text = _unpacked(rest[1:]) if kind == b"zTXt" else rest
        found["exif"] = exif_of_text(text.decode("latin-1"))


def _unpacked(data: bytes) -> bytes:
    try:
        return zlib.decompressobj().decompress(data, _MOST_TEXT)
    except zlib.error:
        return b""
