"""What structure from motion finds: cameras and points, as a COLMAP model with a summary."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ...formats import Artefact

if TYPE_CHECKING:
    import pycolmap


EXIF_ERROR = 0.04  # by which EXIF's focal length is commonly wrong: whole millimetres, and the lens' own tolerance


@dataclass(frozen=True, kw_only=True)
class CameraGroup:
    """The one camera that a group of like photos shares."""

    name: str
    photos: int
    width: int
    height: int
    focal_px: float
    focal_interval_px: tuple[float, float]  # 95 % interval; (0, 0) where unobservable
    focal_from: str  # "photos", "EXIF", "given", or "guessed"
    radial: float  # k1 of COLMAP's SIMPLE_RADIAL
    members: tuple[str, ...] = ()  # names of the photos
    doubt: str = ""  # what speaks against the focal length, in words; "" where nothing does

    @property
    def uncertainty(self) -> float:
        """Half the 95 % interval as a part of the focal length; 0 where given, `EXIF_ERROR` where EXIF's was held, else inf."""
        low, high = self.focal_interval_px
        if self.doubt:
            return math.inf
        if high > low > 0:
            return (high - low) / 2 / self.focal_px
        return {"given": 0.0, "EXIF": EXIF_ERROR}.get(self.focal_from, math.inf)


@dataclass(frozen=True, kw_only=True)
class Reconstruction(Artefact):
    """The largest model. Its frame is arbitrary until the wall frame is set; image names are the user's names."""

    model: str  # folder of the binary COLMAP model, relative
    registered: tuple[str, ...]
    unregistered: tuple[str, ...]
    models_found: int
    groups: tuple[CameraGroup, ...]
    reprojection_px: float  # mean; never the verdict
    focal_observable: bool
    weakest_link: str  # where the set falls apart, in words; "" where it does not
    adjustment: str = "global"  # what was adjusted while cameras were placed: "global" or "edge"
    # Where focal lengths were tried out: on a "block" of photos before all were placed, on "all" afterwards; "free": they
    # were adjusted from a guess; "held": not sought
    focal_search: str = "held"
    alignment: str = "OpenCV, CPU"  # what aligned the patches of observations; "" where they were not sharpened

    @property
    def focal_uncertainty(self) -> float:
        """The uncertainty of the least certain lens; infinite where one is unknown."""
        return max((group.uncertainty for group in self.groups), default=math.inf)

    def read_model(self) -> pycolmap.Reconstruction:
        import pycolmap

        return pycolmap.Reconstruction(str(Path(self.folder) / self.model))
