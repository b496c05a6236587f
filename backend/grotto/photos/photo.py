"""The photos of a job, as found and checked."""

from __future__ import annotations

from dataclasses import dataclass

from ..formats import Artefact


@dataclass(frozen=True, kw_only=True)
class Photo:
    """One good photo. Sizes and pixels are those after the EXIF orientation was applied."""

    name: str  # relative to the input, POSIX: the user's own file name
    path: str  # absolute
    sha256: str
    width: int
    height: int
    group: str  # photos of one group share one camera: same size, make, model, lens and EXIF focal
    focal_px: float  # from EXIF at this width, 0 where unknown
    focal_source: str  # "35mm equivalent", "focal plane resolution", "sensor table", or ""
    gravity_known: bool  # the orientation tag was present, so the photo's down is trusted
    sharpness: float
    mask: str  # absolute path of the mask beside the photo, "" where none; black is left out
    mask_sha256: str = ""  # so that what depends on this artefact notices a repainted mask
    mask_inverted: bool = False  # white is left out instead
    left_out: float = 0.0  # the share of the photo that its mask or its transparency leaves out
    turn: int = 1  # the EXIF orientation that was applied, 1 to 8
    transparent: bool = False  # some pixels are fully transparent: left out like those black in a mask


@dataclass(frozen=True, kw_only=True)
class Skipped:
    """A file that cannot be used, and why, in words for the user."""

    name: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class PhotoSet(Artefact):
    """All good photos in capture order (EXIF time where every photo has one, else natural order of names)."""

    source: str  # absolute path of the user's folder
    photos: tuple[Photo, ...]
    skipped: tuple[Skipped, ...]
    warnings: tuple[Skipped, ...]  # used, yet blurred or badly exposed
    order: str = "names"  # "capture time" or "names": what the order of `photos` follows
