"""COLMAP's SIMPLE_RADIAL camera in both directions, on arrays."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .truth import CameraTruth

Array = NDArray[np.float64]


def project(camera: CameraTruth, points_camera: Array) -> Array:
    """Pixels (n, 2) of points (n, 3) in the camera's frame; the top left pixel's centre is at (0.5, 0.5).

    Points must lie in front of the camera.
    """
    plane = points_camera[:, :2] / points_camera[:, 2:]
    factor = 1.0 + camera.radial * (plane**2).sum(1, keepdims=True)
    return camera.focal_px * factor * plane + np.array([camera.cx, camera.cy])


def viewing_directions(camera: CameraTruth, pixels: Array) -> Array:
    """Directions (..., 3) with z = 1 in the camera's frame through pixels (..., 2): the inverse of `project`.

    The undistorted radius is a root of r + k r^3 = d, found by Newton's method.
    """
    distorted = (pixels - np.array([camera.cx, camera.cy])) / camera.focal_px
    d = np.linalg.norm(distorted, axis=-1, keepdims=True)
    r = d.copy()
    for _ in range(12):
        r -= (r + camera.radial * r**3 - d) / (1.0 + 3.0 * camera.radial * r**2)
    plane = distorted * np.divide(r, d, out=np.ones_like(d), where=d > 0)
    return np.concatenate([plane, np.ones_like(d)], axis=-1)
