"""An object set upright on its foot at a given height: the frame of finished elements."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array64 = NDArray[np.float64]

_FLAT = 1e-3  # of the longest side: an object lower than that lies flat


@dataclass(frozen=True, kw_only=True)
class StandingFrame:
    """A similarity into a frame with z up and the middle of the object's foot at 0: (rotation @ point - foot) * scale."""

    rotation: Array64  # (3, 3)
    foot: Array64  # (3,) after the rotation
    scale: float

    def points(self, points: NDArray[np.floating]) -> NDArray[np.float32]:
        """Points (n, 3) in the frame."""
        return ((points.astype(np.float64) @ self.rotation.T - self.foot) * self.scale).astype(np.float32)

    def normals(self, normals: NDArray[np.floating]) -> NDArray[np.float32]:
        """Directions (n, 3) in the frame."""
        return (normals @ self.rotation.T).astype(np.float32)

    def placed(self, world_from_camera: Array64) -> Array64:
        """world_from_camera (4, 4) of a camera, in this frame."""
        moved = world_from_camera.copy()
        moved[:3, :3] = self.rotation @ moved[:3, :3]
        moved[:3, 3] = (self.rotation @ moved[:3, 3] - self.foot) * self.scale
        return moved


def standing_frame(points: NDArray[np.floating], height_m: float, rotation: Array64) -> StandingFrame:
    """The frame in which points (n, 3) are `height_m` high after a rotation; for a flat object, that is its longest side."""
    turned = points.astype(np.float64) @ rotation.T
    lowest, highest = turned.min(0), turned.max(0)
    extent = highest - lowest
    foot = np.array([0.5 * (lowest[0] + highest[0]), 0.5 * (lowest[1] + highest[1]), lowest[2]])
    height = extent[2] if extent[2] > _FLAT * extent.max() else extent.max()
    return StandingFrame(rotation=rotation, foot=foot, scale=height_m / float(height))


def rotation_about_z(turn_deg: float) -> Array64:
    """(3, 3) counter-clockwise as seen from above."""
    turn = np.deg2rad(turn_deg)
    return np.array([[np.cos(turn), -np.sin(turn), 0], [np.sin(turn), np.cos(turn), 0], [0, 0, 1]])
