"""What structure from motion finds: cameras and points, as a COLMAP model with a summary."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ...formats import Artefact

if TYPE_CHECKING:
    import pycolmap


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

    def read_model(self) -> pycolmap.Reconstruction:
        import pycolmap

        return pycolmap.Reconstruction(str(Path(self.folder) / self.model))
