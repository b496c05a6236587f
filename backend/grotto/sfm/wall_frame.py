"""The wall frame: x along the wall, z up, the wall at y = 0, the cameras at negative y."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..formats import Artefact

if TYPE_CHECKING:
    import pycolmap


@dataclass(frozen=True, kw_only=True)
class WallFrame(Artefact):
    """Cameras and points in the wall frame. One unit is a metre when metric, else the median camera distance."""

    model: str  # folder of the binary COLMAP model, relative; the original, distorted cameras
    cloud: str  # coloured PLY, relative
    metric: bool
    scale_from: str  # where the scale comes from, in words
    camera_distance: float  # median distance from cameras to wall, in units
    plane_rms: float  # RMS distance of points to the plane, in units
    x_min: float  # robust extent of the wall's points, in units
    x_max: float
    z_min: float
    z_max: float

    def read_model(self) -> pycolmap.Reconstruction:
        import pycolmap

        return pycolmap.Reconstruction(str(Path(self.folder) / self.model))
