"""What the camera wrote into a photo: only what the reconstruction needs. The place (GPS) is never read."""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass

from PIL import Image

from .opening import orientation_tag

_EXIF_IFD, _INTEROP_IFD = 0x8769, 0xA005
# What Pillow and broken tags raise between them; a photo with unreadable EXIF is a photo without EXIF.
_BROKEN = (
    ValueError, TypeError, LookupError, SyntaxError, OSError, ArithmeticError, AttributeError, AssertionError, RuntimeError,
    struct.error,
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Exif:
    """Absent values are "" or 0."""

    make: str = ""
    model: str = ""
    lens: str = ""
    focal_mm: float = 0.0
    focal_35mm: float = 0.0  # FocalLengthIn35mmFilm
    digital_zoom: float = 1.0
    pixels_per_mm: float = 0.0  # along x on the sensor, at recorded_width (FocalPlaneXResolution)
    recorded_width: int = 0  # the picture's size when the camera wrote it, before any editor
    recorded_height: int = 0
    taken: str = ""  # DateTimeOriginal with subseconds: sorts by time
    orientation_given: bool = False


def read_exif(picture: Image.Image) -> Exif:
    """The tags of an opened, not yet loaded picture; an empty record where there are none or they cannot be read."""
    try:
        top = picture.getexif()
        inner = top.get_ifd(_EXIF_IFD)
    except _BROKEN:
        return Exif()
    resolution, unit = _number(inner.get(0xA20E)), _number(inner.get(0xA210)) or 2
    mm_per_unit = {2: 25.4, 3: 10.0, 4: 1.0, 5: 0.001}.get(int(unit), 0.0)
    return Exif(
        make=_text(top.get(0x010F)),
        model=_text(top.get(0x0110)),
        lens=_text(inner.get(0xA434)),
        focal_mm=_number(inner.get(0x920A)),
        focal_35mm=_number(inner.get(0xA405)),
        digital_zoom=max(1.0, _number(inner.get(0xA404))),
        pixels_per_mm=resolution / mm_per_unit if mm_per_unit else 0.0,
        recorded_width=int(_number(inner.get(0xA002))),
        recorded_height=int(_number(inner.get(0xA003))),
        taken=_taken(inner),
        orientation_given=orientation_tag(picture) > 0,
    )


def says_adobe_rgb(picture: Image.Image) -> bool:
    """Whether EXIF marks the colours as Adobe RGB in the way of DCF 2.0: not sRGB, interoperability index R03."""
    try:
        return _text(picture.getexif().get_ifd(_INTEROP_IFD).get(1)) == "R03"
    except _BROKEN:
        return False


def _taken(inner: dict[int, object]) -> str:
    for date, fraction in ((0x9003, 0x9291), (0x9004, 0x9292)):
        text = _text(inner.get(date))
        if len(text) == 19 and text[:4].isdigit() and text[:4] != "0000":
            return f"{text}.{_text(inner.get(fraction)) or '0'}"
    return ""


def _text(value: object) -> str:
    if isinstance(value, bytes):
        value = value.decode("ascii", "ignore")
    return " ".join(value.replace("\0", " ").split()) if isinstance(value, str) else ""


def _number(value: object) -> float:
    """A positive finite number, or 0."""
    try:
        number = float(value)  # type: ignore[arg-type]
    except _BROKEN:
        return 0.0
    return number if math.isfinite(number) and number > 0 else 0.0
