"""The focal length in pixels that EXIF promises. It is a first guess for the camera search, a few percent off."""

from __future__ import annotations

import math
import re

from .files import Exif

_FILM_DIAGONAL_MM = math.hypot(36.0, 24.0)
_SAME = 0.1  # two sources within this part of each other confirm each other

# Longer side of the sensor in mm, by families of cameras whose photos may lack the 35 mm equivalent (makers' data sheets).
_SENSORS: tuple[tuple[str, float], ...] = (
    (r"canon eos (1d x|5d|6d|r3|r5|r6|r8|rp|r\b)", 36.0),
    (r"canon eos (\d{2,4}d|rebel|kiss|m\d*|r7|r10|r50|r100)\b", 22.3),
    (r"nikon (d3s?|d4s?|d5|d6|d[678]\d0[a-z]?|df|z ?[56789](ii|_2)?)$", 35.9),
    (r"nikon (d[357]\d{3}|d[3-9]0|d[1-5]00|z ?30|z ?50|z ?fc)", 23.5),
    (r"sony ilce-(7|9|1$)", 35.8),
    (r"sony ilce-(5|6)\d{3}", 23.5),
    (r"fujifilm gfx", 43.8),
    (r"fujifilm x(-|100)", 23.5),
    (r"hasselblad x[12]d", 43.8),
    (r"(olympus e-m|olympus e-p|om digital|panasonic d(c|mc)-g)", 17.3),
)


def focal_from_exif(exif: Exif, width: int, height: int) -> tuple[float, str]:
    """(focal length in pixels at this size, where it comes from), or (0, "") where EXIF does not give it.

    The 35 mm equivalent is taken by the diagonal, as CIPA's guideline for it (DCG-001) and the phones measured here
    have it; by the width it would be 4 % shorter for a 4:3 photo. It is rounded to whole millimetres, so the focal
    plane's resolution is preferred where the two agree. A photo of another shape than the camera recorded was cropped
    by someone, and then nothing in EXIF holds.
    """
    if _cropped(exif, width, height):
        return 0.0, ""
    by_film = exif.focal_35mm * math.hypot(width, height) / _FILM_DIAGONAL_MM
    if not 3.0 <= exif.focal_35mm <= 3000.0:
        by_film = 0.0
    by_plane = _by_focal_plane(exif, max(width, height))
    if by_plane and (not by_film or abs(by_plane / by_film - 1) <= _SAME):
        return by_plane, "focal plane resolution"
    if by_film:
        return by_film, "35mm equivalent"
    by_table = _by_sensor(exif, max(width, height))
    return (by_table, "sensor table") if by_table else (0.0, "")


def _cropped(exif: Exif, width: int, height: int) -> bool:
    if not exif.recorded_width or not exif.recorded_height:
        return False
    now = max(width, height) / min(width, height)
    then = max(exif.recorded_width, exif.recorded_height) / min(exif.recorded_width, exif.recorded_height)
    return abs(now / then - 1) > 0.02


def _by_focal_plane(exif: Exif, longer_px: int) -> float:
    recorded = max(exif.recorded_width, exif.recorded_height) or longer_px
    if not exif.pixels_per_mm or not 3.0 <= recorded / exif.pixels_per_mm <= 70.0:
        return 0.0  # no sensor has that width: the tag is one of the many wrong ones
    return exif.focal_mm * exif.digital_zoom * exif.pixels_per_mm * longer_px / recorded


def _by_sensor(exif: Exif, longer_px: int) -> float:
    model = exif.model if exif.model.casefold().startswith(exif.make.casefold().split(" ")[0]) else f"{exif.make} {exif.model}"
    model = re.sub(r" (corporation|imaging corp\.?)", "", model.casefold())
    for pattern, longer_mm in _SENSORS:
        if exif.focal_mm and re.match(pattern, model):
            return exif.focal_mm * exif.digital_zoom * longer_px / longer_mm
    return 0.0
