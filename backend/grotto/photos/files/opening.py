"""The door: the one place where picture files are opened, with their size judged before anything is decoded."""

from __future__ import annotations

import io
import os
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from PIL import Image

from ...formats import NotRegularError, open_regular
from .limits import MOST_PIXELS, Limit, TooLargeError, refuse_large_file, refuse_too_large
from .png_chunks import exif_of_text, late_metadata
from .tiff_kind import UnreadPixelsError, unread_tiff

_SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (b"\xff\xd8\xff", "JPEG"),
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"II*\x00", "TIFF"),
    (b"MM\x00*", "TIFF"),
    (b"II+\x00", "TIFF"),
    (b"MM\x00+", "TIFF"),
)
_HEIF_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1", b"mif2")
_HEAD_BYTES = 32
ORIENTATION_TAG = 0x0112
MOST_FRAMES = 100  # counted: a TIFF is read page by page to count them
CUT_OFF = "the file is cut off: copy it again from the camera"
# What Pillow, its plugins and the codecs raise between them on broken files; RuntimeError is that of AVIF, WebP and HEIF.
_DECODER_FAULTS = (
    OSError, ValueError, SyntaxError, EOFError, TypeError, LookupError, ArithmeticError, AttributeError, AssertionError,
    RuntimeError, MemoryError, struct.error, zlib.error, Image.DecompressionBombError, Image.DecompressionBombWarning,
)  # fmt: skip
_IN_WORDS = (UnreadPixelsError, TooLargeError, NotRegularError)


class PictureError(ValueError):
    """A file cannot be read as a picture; the words say why to the user: "it has 900 megapixels ..."."""


def format_of(head: bytes) -> str:
    """The format that the first 32 bytes of a file show, or "" where it is none of those read here."""
    for signature, name in _SIGNATURES:
        if head.startswith(signature):
            return name
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "WEBP"
    if head[4:8] == b"ftyp":
        brands = {head[start : start + 4] for start in range(8, len(head) - 3, 4)}
        if brands & {b"avif", b"avis"}:
            return "AVIF"
        if brands & set(_HEIF_BRANDS):
            return "HEIF"
    return ""


def head_of(path: Path) -> bytes:
    """The first 32 bytes of a regular file. Raises OSError where there is none that can be read."""
    with open_regular(path) as file:
        return file.read(_HEAD_BYTES) or b""


@contextmanager
def open_picture(path: Path, limit: Limit | None = None) -> Iterator[Image.Image]:
    """The picture's header; pixels are decoded by its `load`. The content decides about the format, not the name.

    `limit` is that for decoding it; None for who reads the header alone. Raises PictureError, with words, for what is no regular
    file, no picture, too large, or damaged, also where the damage shows while it is decoded.
    """
    with _in_words(), open_regular(path) as file, _opened(file, limit) as picture:
        yield picture


@contextmanager
def open_embedded(content: bytes, limit: Limit) -> Iterator[Image.Image]:
    """A picture that lies within another file, as a mesh's texture does; else as `open_picture`."""
    with _in_words(), io.BytesIO(content) as file, _opened(file, limit) as picture:
        yield picture


@contextmanager
def _in_words() -> Iterator[None]:
    try:
        yield
    except PictureError:
        raise
    except _DECODER_FAULTS as error:
        raise PictureError(_why(error)) from error


def _opened(file: BinaryIO, limit: Limit | None) -> Image.Image:
    """The header of the picture in a file, with its size judged."""
    name = format_of(file.read(_HEAD_BYTES) or b"")
    if not name:
        raise PictureError("it is not a picture that can be read")
    file_bytes = file.seek(0, os.SEEK_END)
    refuse_large_file(name, file_bytes)
    if name == "HEIF":
        import pillow_heif

        pillow_heif.register_heif_opener()
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS  # of pictures that libraries open by themselves; ours are judged here
    Image.init()
    late = late_metadata(file) if name == "PNG" else {}
    file.seek(0)
    factory, _ = Image.OPEN[name]  # not by Image.open, which knows one limit for all: some callers allow more
    try:
        picture = factory(file, "")
    except SyntaxError as error:
        why = unread_tiff(file) if name == "TIFF" else ""
        if not why:
            raise
        raise UnreadPixelsError(why) from error
    if name == "PNG":
        _add_metadata(picture, late)
    if limit is not None:
        refuse_too_large(picture, file_bytes, limit)
    return picture


def _add_metadata(picture: Image.Image, late: dict[str, bytes]) -> None:
    """Put what a PNG says behind its pixels where `getexif` looks first: else it decodes the whole picture to find it."""
    info = picture.info
    if "xmp" in late and "XML:com.adobe.xmp" not in info:
        info["xmp"] = late["xmp"]
    if "exif" not in info:
        text = info.get("Raw profile type exif")
        info["exif"] = exif_of_text(str(text)) if text else late.get("exif", b"")


def frame_count(picture: Image.Image) -> int:
    """How many pictures the file holds, 100 at most; their pixels are not decoded. The first one is current afterwards."""
    if picture.format != "TIFF":
        return min(MOST_FRAMES, int(getattr(picture, "n_frames", 1)))
    count = 1
    try:
        while count < MOST_FRAMES:
            picture.seek(count)
            count += 1
    except EOFError:
        pass
    picture.seek(0)
    return count


def orientation_of(picture: Image.Image) -> int:
    """The EXIF orientation that is still to be applied to the pixels, 1 to 8; 1 where it is absent or senseless.

    Pillow applies a TIFF's orientation while loading and libheif that of a HEIC: call this after `load`.
    """
    tag = picture.getexif().get(ORIENTATION_TAG, 1)
    return tag if isinstance(tag, int) and 1 <= tag <= 8 else 1


def stored_orientation(path: Path) -> int:
    """The EXIF orientation as the file has it, whoever applies it; 1 where it is absent or senseless."""
    with open_picture(path) as picture:
        return orientation_tag(picture) or 1


def orientation_tag(picture: Image.Image) -> int:
    """The EXIF orientation as the file has it, 1 to 8, or 0 where it is absent; call it before `load`."""
    tag = picture.info.get("original_orientation") or picture.getexif().get(ORIENTATION_TAG)
    return tag if isinstance(tag, int) and 1 <= tag <= 8 else 0


def upright_size(picture: Image.Image) -> tuple[int, int]:
    """(width, height) of the full picture after its orientation was applied; call it before `load` and `draft`."""
    width, height = picture.size
    swaps = picture.format != "TIFF" and orientation_of(picture) >= 5
    return (height, width) if swaps else (width, height)


def _why(error: BaseException) -> str:
    """A fault of a file in words for the user."""
    text = str(error)
    if isinstance(error, _IN_WORDS):
        return text
    if isinstance(error, MemoryError):
        return "reading it takes more memory than there is: save it smaller"
    if isinstance(error, FileNotFoundError | PermissionError):
        return f"it cannot be read ({error.strerror})"
    if "truncated" in text.casefold() or isinstance(error, EOFError) or text == CUT_OFF:
        return CUT_OFF
    return f"the file is damaged ({text or type(error).__name__})"
