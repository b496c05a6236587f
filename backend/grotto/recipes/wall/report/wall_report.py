"""What the wall's report tells: plain values and arrays, in the wall frame and its units."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ....photos import Skipped
from ....sfm.cameras import CameraGroup

Extent = tuple[float, float, float, float]  # x_min, x_max, z_min, z_max: outer edges, in units


@dataclass(frozen=True, kw_only=True)
class WallMap:
    """A raster of the wall as seen from the front: first row at the top, first column at the smallest x."""

    values: NDArray[Any]
    extent: Extent

    @property
    def width(self) -> float:
        return self.extent[1] - self.extent[0]

    @property
    def height(self) -> float:
        return self.extent[3] - self.extent[2]


@dataclass(frozen=True, kw_only=True)
class PlacedCameras:
    """The cameras found, in capture order."""

    names: tuple[str, ...]
    centres: NDArray[np.float64]  # (n, 3)
    world_from_camera: NDArray[np.float64]  # (n, 3, 3) rotations; OpenCV axes in the camera
    half_fields: NDArray[np.float64]  # (n, 2): tangents of half the field of view, across and down


@dataclass(frozen=True, kw_only=True)
class Residuals:
    """What the points miss in the photos of the largest camera group."""

    places_px: NDArray[np.float64]  # (r, 2) where they were seen; pixel centres at 0.5
    misses_px: NDArray[np.float64]  # (r, 2) projected minus seen
    width: int
    height: int


@dataclass(frozen=True, kw_only=True)
class Links:
    """Photos that share verified matches: pairs of positions in `PlacedCameras`."""

    pairs: NDArray[np.int64]  # (p, 2)
    matches: NDArray[np.int64]  # (p,)


@dataclass(frozen=True, kw_only=True)
class WallReport:
    """Everything on the page. A picture whose arrays are None is left out."""

    title: str
    source: str  # the user's folder
    made_on: str  # a date in words
    metric: bool
    scale_from: str  # "the known camera distance of 1 m"; not used where the scale is arbitrary
    input_photos: int  # with those left out
    used_photos: int
    registered_photos: int
    unregistered: tuple[str, ...] = ()
    models_found: int = 1
    weakest_link: str = ""  # where the set falls apart, in words
    groups: tuple[CameraGroup, ...] = ()
    focal_uncertainty: float = 0.0  # part by which the least certain focal length may be wrong; infinite where unknown
    scale_uncertainty: float = 0.0  # the same of lengths along the wall
    up_known: bool = True
    no_wall: str = ""  # why this looks like no wall, in words; "" where it looks like one
    adjustment: str  # "global" or "edge"
    focal_search: str  # as `Reconstruction` has it
    reprojection_px: float = 0.0  # mean
    camera_distance: float = 1.0  # median, in units
    plane_rms: float = 0.0  # of the points, in units
    skipped: tuple[Skipped, ...] = ()
    warnings: tuple[Skipped, ...] = ()
    notes: tuple[str, ...] = ()
    pixel: float = 0.0  # of the orthophoto, in units
    orthophoto_size: tuple[int, int] = (0, 0)  # width, height in pixels
    seen_fraction: float = 0.0
    faces: int = 0
    vertices: int = 0
    files: tuple[tuple[str, str], ...] = ()  # path relative to the page; a kind of asset, or words
    options: Any = None  # a recipe's options, of the contract
    timings: Mapping[str, float] = field(default_factory=dict)  # seconds by stage
    versions: Mapping[str, str] = field(default_factory=dict)
    engines: Mapping[str, str] = field(default_factory=dict)
    peak_memory_mb: float = 0.0
    cameras: PlacedCameras | None = None
    points: NDArray[np.float64] | None = None  # (m, 3)
    point_colours: NDArray[np.uint8] | None = None  # (m, 3)
    heights: WallMap | None = None  # mm towards the cameras (thousandths of a unit where not metric), NaN unknown
    orthophoto: WallMap | None = None  # (h, w, 4) uint8
    photos_per_place: WallMap | None = None  # whole numbers
    residuals: Residuals | None = None
    links: Links | None = None
