"""Picture files as they lie on the disk: which format, which size, the decoded pixels in the file's own colours."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

from PIL import Image, UnidentifiedImageError

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
ORIENTATION_TAG = 0x0112
# What Pillow, its plugins and the codecs raise between them on broken files.
UNDECODABLE = (OSError, ValueError, SyntaxError, EOFError, TypeError, KeyError, IndexError, struct.error, zlib.error)


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


def open_picture(path: Path) -> Image.Image:
    """The picture's header; pixels are decoded by its `load`. The content decides about the format, not the name.

    Raises OSError or ValueError where the file cannot be opened as a picture.
    """
    with path.open("rb") as file:
        name = format_of(file.read(32))
    if not name:
        raise ValueError("it is not a picture that can be read")
    if name == "HEIF":
        import pillow_heif

        pillow_heif.register_heif_opener()
    # Pillow's own limit is lower than the photos of repro cameras; PhotoOptions.largest_photo_mp is ours.
    Image.MAX_IMAGE_PIXELS = None
    try:
        return Image.open(path, formats=(name,))
    except UnidentifiedImageError as error:
        why = unread_tiff(path) if name == "TIFF" else ""
        if not why:
            raise
        raise UnreadPixelsError(why) from error


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
