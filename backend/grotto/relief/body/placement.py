"""Where a picture lies in the frame of an element: metres, x right, z up, the front towards -y, the foot's middle at 0."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..outline import WorkingCut
from .solid import Solid

Points = NDArray[np.float64]

_UPRIGHT = np.array([1.0, -1.0])  # solids have y up, pictures y down


@dataclass(frozen=True, kw_only=True)
class Placement:
    """An orthographic picture in the plane y = 0."""

    scale_px_per_m: float  # of the whole picture
    left_px: float  # where x = 0 is in the picture
    bottom_px: float  # where z = 0 is

    def places_px(self, points: NDArray[np.floating]) -> Points:
        """Points (n, 3) m projected into the whole picture (n, 2) px."""
        x = points[:, 0].astype(np.float64) * self.scale_px_per_m + self.left_px
        y = self.bottom_px - points[:, 2].astype(np.float64) * self.scale_px_per_m
        return np.stack([x, y], axis=1)

    def x_z_m(self, places: Points) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """x (n,) and z (n,) in metres of places (n, 2) px in the whole picture."""
        return (places[:, 0] - self.left_px) / self.scale_px_per_m, (self.bottom_px - places[:, 1]) / self.scale_px_per_m

    def picture_frame_m(self, width: int, height: int) -> tuple[float, float, float, float]:
        """Lowest x, lowest z, highest x and highest z, in metres, of a whole picture of that size in px."""
        left, right = -self.left_px / self.scale_px_per_m, (width - self.left_px) / self.scale_px_per_m
        return left, (self.bottom_px - height) / self.scale_px_per_m, right, self.bottom_px / self.scale_px_per_m


def place_by_height(places: Points, height_m: float) -> Placement:
    """The placement at which places (n, 2) px of the whole picture are `height_m` high, above the middle of their foot."""
    lowest, highest = places.min(0), places.max(0)
    return Placement(
        scale_px_per_m=float(highest[1] - lowest[1]) / height_m,
        left_px=0.5 * float(lowest[0] + highest[0]),
        bottom_px=float(highest[1]),
    )


def picture_places(solid: Solid, work: WorkingCut) -> Points:
    """Where a solid's vertices lie in the whole picture (n, 2) px."""
    return work.in_picture(solid.vertices[:, :2] * _UPRIGHT)


def vertices_m(solid: Solid, work: WorkingCut, placement: Placement, middle_px: float) -> Points:
    """A solid's vertices (n, 3) in metres; `middle_px`, a depth of the solid in working pixels, lies at y = 0."""
    x, z = placement.x_z_m(picture_places(solid, work))
    y = (middle_px - solid.vertices[:, 2]) / work.scale / placement.scale_px_per_m
    return np.stack([x, y, z], axis=1)


def depth_middle_px(solid: Solid) -> float:
    """The middle of a solid's depth, working pixels."""
    depth = solid.vertices[:, 2]
    return float(0.5 * (depth.min() + depth.max()))
