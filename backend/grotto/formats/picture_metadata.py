"""Picture files without what they say of people, places, devices and edits. The pixels and their colours stay as they are.

JPEG: ITU-T T.81, annex B. PNG: ISO/IEC 15948, section 11.
"""

from __future__ import annotations

import struct
import zlib

from PIL import Image

_ORIENTATION = 0x0112
_PNG = b"\x89PNG\r\n\x1a\n"
# What changes colours or opacity: all other chunks are text, times, thumbnails, edits, or a program's own.
_PNG_KEPT = {b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"sBIT", b"cICP", b"mDCV", b"cLLI"}
_SOI, _EOI, _SOS, _APP0, _APP1, _APP2, _APP14, _APP15, _COM = 0xD8, 0xD9, 0xDA, 0xE0, 0xE1, 0xE2, 0xEE, 0xEF, 0xFE
_ALONE = {0x01, *range(0xD0, 0xD8)}  # TEM and restart markers have no length


def without_metadata(picture: bytes) -> bytes:
    """The JPEG or PNG file without EXIF, XMP, IPTC, comments, thumbnails, further pictures and whatever follows its end.

    Kept are the compressed pixels, byte for byte, colour profiles, and an orientation where it is not upright. Raises ValueError
    for a file that is neither, or whose parts cannot be told apart.
    """
    if picture.startswith(_PNG):
        return _plain_png(picture)
    if picture.startswith(b"\xff\xd8"):
        return _plain_jpeg(picture)
    raise ValueError("the picture is neither JPEG nor PNG")


def is_jpeg_or_png(picture: bytes) -> bool:
    """Whether the file begins as a JPEG or PNG does."""
    return picture.startswith((_PNG, b"\xff\xd8"))


def _orientation(picture: bytes) -> int:
    try:
        exif = Image.Exif()
        exif.load(_exif(picture))
        tag = exif.get(_ORIENTATION, 1)
    except (OSError, ValueError, SyntaxError, TypeError, LookupError, ArithmeticError, RuntimeError, struct.error):
        return 1
    return tag if isinstance(tag, int) and 2 <= tag <= 8 else 1


def _exif(picture: bytes) -> bytes:
    """What a JPEG or PNG file holds as EXIF; empty where it holds none. Nothing is decoded."""
    if not picture.startswith(_PNG):
        held = (picture[start + 4 : end] for marker, start, end in jpeg_segments(picture) if marker == _APP1)
        return next((segment for segment in held if segment.startswith(b"Exif\0\0")), b"")
    at = len(_PNG)
    while at + 8 <= len(picture):
        (length,) = struct.unpack_from(">I", picture, at)
        if picture[at + 4 : at + 8] == b"eXIf":
            return picture[at + 8 : at + 8 + length]
        at += 12 + length
    return b""


def _orientation_exif(orientation: int) -> bytes:
    """A TIFF header and one directory whose one entry is the orientation."""
    return b"MM\0*\0\0\0\x08\0\x01" + struct.pack(">HHIHH", _ORIENTATION, 3, 1, orientation, 0) + bytes(4)


def _plain_png(picture: bytes) -> bytes:
    parts, at, kind = [_PNG], len(_PNG), b""
    while kind != b"IEND":
        if at + 12 > len(picture):
            raise ValueError("the PNG is cut short")
        (length,) = struct.unpack_from(">I", picture, at)
        kind, end = picture[at + 4 : at + 8], at + 12 + length
        if end > len(picture):
            raise ValueError("the PNG is cut short")
        if kind in _PNG_KEPT:
            parts.append(picture[at:end])
        at = end
        if kind == b"IHDR" and (orientation := _orientation(picture)) > 1:
            body = b"eXIf" + _orientation_exif(orientation)
            parts.append(struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body)))
    return b"".join(parts)


def _plain_jpeg(picture: bytes) -> bytes:
    orientation = _orientation(picture)
    parts, at = [b"\xff\xd8"], 2
    if orientation > 1:
        body = b"Exif\0\0" + _orientation_exif(orientation)
        parts.append(b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body)
    for marker, start, end in jpeg_segments(picture):
        segment = picture[start:end]
        if marker == _APP0 and segment[4:9] == b"JFIF\0":
            parts.append(b"\xff\xe0\0\x10" + segment[4:16] + b"\0\0")  # its thumbnail goes
        elif _APP0 <= marker <= _APP15 or marker == _COM:
            if (marker == _APP2 and segment[4:16] == b"ICC_PROFILE\0") or (marker == _APP14 and segment[4:9] == b"Adobe"):
                parts.append(segment)
        else:
            parts.append(segment)
        at = end
    if picture[at - 2 : at] != b"\xff\xd9":
        raise ValueError("the JPEG has no end")
    return b"".join(parts)


def is_whole_jpeg(picture: bytes) -> bool:
    """Whether the first picture of a JPEG file has its end, whatever was appended to it: a video, a preview, padding."""
    try:
        segments = jpeg_segments(picture)
    except ValueError:
        return False
    return bool(segments) and segments[-1][0] == _EOI


def jpeg_segments(picture: bytes) -> list[tuple[int, int, int]]:
    """Marker, start and end of each segment after the start of a JPEG, compressed data with its scan's; the last is its end.

    Where the file is cut off there is no end among them. Raises ValueError for what is no row of segments.
    """
    segments: list[tuple[int, int, int]] = []
    at = 2
    while at + 2 <= len(picture):
        if picture[at] != 0xFF:
            raise ValueError("the JPEG's segments cannot be told apart")
        while at + 1 < len(picture) and picture[at + 1] == 0xFF:  # fill bytes
            at += 1
        if at + 1 >= len(picture):
            break
        marker, start = picture[at + 1], at
        if marker == _EOI:
            return [*segments, (marker, start, at + 2)]
        if marker in _ALONE or marker == _SOI:
            at += 2
        elif at + 4 <= len(picture):
            at += 2 + struct.unpack_from(">H", picture, at + 2)[0]
            at = _scan_end(picture, at) if marker == _SOS else at
        else:
            break
        segments.append((marker, start, min(at, len(picture))))
    return segments


def _scan_end(picture: bytes, at: int) -> int:
    """Where the compressed data that begins at `at` ends: at a marker that is neither a stuffed byte nor a restart."""
    while True:
        at = picture.find(b"\xff", at)
        if at < 0 or at + 1 >= len(picture):
            return len(picture)
        following = picture[at + 1]
        if following == 0xFF:
            at += 1
        elif following == 0 or following in _ALONE:
            at += 2
        else:
            return at
