"""How much of the pictures' middles a subject fills, by its box and by the sparse points in it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import cv2
import numpy as np
from numpy.typing import NDArray

from .camera import Camera
from .region import Region

_CELLS = 64  # of a picture's middle half, along each side


def box_in_middles(cameras: Sequence[Camera], region: Region) -> float:
    """The part of the middle half of a picture, along each side, that the region's box covers: the mean of the cameras.

    The box counts, not what fills it: a lean statue or one on thin legs shows much of its surroundings beside it.
    """
    corners = np.array(list(product(*zip(region.low, region.high, strict=True))))
    parts = []
    for camera in cameras:
        pixels, depth = camera.project(corners)
        shown = pixels[depth > 0] / (camera.width, camera.height)
        if len(shown) < 3:
            parts.append(0.0)
            continue
        placed = np.clip(((shown - 0.25) * 2 * _CELLS), -16 * _CELLS, 16 * _CELLS)
        covered = cv2.fillConvexPoly(
            np.zeros((_CELLS, _CELLS), np.uint8), cv2.convexHull(placed.round().astype(np.int32)), 1
        )  # fmt: skip
        parts.append(float(covered.mean()))
    return float(np.mean(parts))


def points_in_middles(
    cameras: Sequence[Camera], points: NDArray[np.float64], sights: Sequence[NDArray[np.int64]], region: Region
) -> float:
    """Of the points (n, 3) that a camera shows in the middle half of its picture, the part that lies in the region: the mean.

    sights: for each camera the rows of the points that it shows.
    """
    parts = []
    for camera, rows in zip(cameras, sights, strict=True):
        pixels = camera.project(points[rows])[0] / (camera.width, camera.height)
        middle = points[rows][(np.abs(pixels - 0.5) < 0.25).all(1)]
        if len(middle):
            parts.append(float(((middle >= region.low) & (middle <= region.high)).all(1).mean()))
    return float(np.mean(parts)) if parts else 0.0
