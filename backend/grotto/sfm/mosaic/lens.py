"""The lens term of a mosaic: COLMAP's SIMPLE_RADIAL about the picture's middle, with half the diagonal for a focal length."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def distort(places: Floats, radial: Floats) -> Floats:
    """(n, 2) in half diagonals from the middle, as the lens of each (n,) shows them."""
    return np.asarray(places * (1 + radial * np.sum(places**2, axis=1))[:, None], np.float64)


def undistort(places: Floats, radial: Floats) -> Floats:
    """The inverse of `distort`, by Newton's method on the radius."""
    shown = np.linalg.norm(places, axis=1)
    radius = shown.copy()
    for _ in range(8):
        slope = np.maximum(1 + 3 * radial * radius**2, 0.1)
        radius = np.maximum(radius - (radius * (1 + radial * radius**2) - shown) / slope, 0.0)
    return np.asarray(places * (radius / np.maximum(shown, 1e-12))[:, None], np.float64)


def slopes(places: Floats, radial: Floats) -> Floats:
    """The Jacobians (n, 2, 2) of `distort`."""
    square = np.sum(places**2, axis=1)
    outer = places[:, :, None] * places[:, None, :]
    return np.asarray((1 + radial * square)[:, None, None] * np.eye(2) + 2 * radial[:, None, None] * outer, np.float64)
