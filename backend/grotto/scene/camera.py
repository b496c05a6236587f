"""A pinhole camera: what the renderers look through."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, kw_only=True)
class Camera:
    """One view without lens distortion. Camera axes are OpenCV's; the top left pixel's centre is at (0.5, 0.5)."""

    camera_from_world: NDArray[np.float64]  # (4, 4), a rotation and a translation
    focal_x: float  # px
    focal_y: float
    centre_x: float
    centre_y: float
    width: int
    height: int

    @property
    def world_from_camera(self) -> NDArray[np.float64]:
        """(4, 4)"""
        rotation = self.camera_from_world[:3, :3].T
        matrix = np.eye(4)
        matrix[:3, :3] = rotation
        matrix[:3, 3] = -rotation @ self.camera_from_world[:3, 3]
        return matrix

    @property
    def position(self) -> NDArray[np.float64]:
        """(3,) in the world."""
        return self.world_from_camera[:3, 3]

    def resized(self, width: int, height: int) -> Camera:
        """The same view with other pixels; the picture's corners stay where they are."""
        across, down = width / self.width, height / self.height
        return replace(
            self,
            focal_x=self.focal_x * across,
            focal_y=self.focal_y * down,
            centre_x=self.centre_x * across,
            centre_y=self.centre_y * down,
            width=width,
            height=height,
        )

    def fitted(self, longest_px: int) -> Camera:
        """The same view with its longer side at most `longest_px`."""
        factor = longest_px / max(self.width, self.height)
        if factor >= 1.0:
            return self
        return self.resized(max(1, round(self.width * factor)), max(1, round(self.height * factor)))

    def project(self, points: NDArray[np.floating]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Pixels (n, 2) and depths (n,) of world points (n, 3); a pixel means nothing where its depth is not positive."""
        inside = points @ self.camera_from_world[:3, :3].T + self.camera_from_world[:3, 3]
        depth = inside[:, 2]
        safe = np.where(np.abs(depth) < 1e-12, 1e-12, depth)
        pixels = np.stack(
            [self.focal_x * inside[:, 0] / safe + self.centre_x, self.focal_y * inside[:, 1] / safe + self.centre_y], axis=1
        )
        return pixels, depth

    def directions(self) -> NDArray[np.float32]:
        """(height, width, 3) world directions through the pixels' centres, with depth 1 along the view (not unit)."""
        x = (np.arange(self.width) + 0.5 - self.centre_x) / self.focal_x
        y = (np.arange(self.height) + 0.5 - self.centre_y) / self.focal_y
        across, down = np.meshgrid(x, y)
        rays = np.stack([across, down, np.ones_like(across)], axis=-1)
        return (rays @ self.camera_from_world[:3, :3]).astype(np.float32)


def look_at(
    position: NDArray[np.floating], target: NDArray[np.floating], up: tuple[float, float, float] = (0.0, 0.0, 1.0)
) -> NDArray[np.float64]:
    """camera_from_world (4, 4) of a camera at `position` that looks at `target`, its picture's top towards `up`."""
    forward = np.asarray(target, np.float64) - np.asarray(position, np.float64)
    forward /= np.linalg.norm(forward)
    right = np.cross(forward, np.asarray(up, np.float64))
    length = np.linalg.norm(right)
    if length < 1e-9:  # straight up or down: any right will do
        right = np.cross(forward, (0.0, 1.0, 0.0))
        length = np.linalg.norm(right)
    right /= length
    rotation = np.stack([right, np.cross(forward, right), forward])
    matrix = np.eye(4)
    matrix[:3, :3] = rotation
    matrix[:3, 3] = -rotation @ np.asarray(position, np.float64)
    return matrix
