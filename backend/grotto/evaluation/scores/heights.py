"""A height map against the true surface."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...contract import bad_input
from ...metrics import Similarity
from ...ortho import HeightMap
from ...synthetic import WallTruth

Array = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class HeightScore:
    """Distances from the true surface along the wall's normal, less the best plane of the differences.

    A plane goes because cameras do not fix it: half a per cent of focal length is half a per cent of depth.
    """

    samples: int
    median_mm: float
    rmse_mm: float
    p95_mm: float
    offset_mm: float  # of the plane that was taken off, at its middle


def score_height(height: HeightMap, similarity: Similarity, truth: WallTruth) -> HeightScore:
    """Compare every known height with the true wall where it lies. Raises bad input where the two do not meet."""
    heights_mm = height.read_heights().astype(np.float64)
    rows, columns = np.nonzero(np.isfinite(heights_mm))
    grid = height.grid
    points = np.column_stack([grid.x_centres()[columns], -heights_mm[rows, columns] / 1000, grid.z_centres()[rows]])
    points = similarity.forward(points)
    x, z, y = truth.read_wall()
    inside = (points[:, 0] >= x[0]) & (points[:, 0] <= x[-1]) & (points[:, 2] >= z[0]) & (points[:, 2] <= z[-1])
    points = points[inside]
    if len(points) < 3:
        raise bad_input("the height map lies outside the true wall", "compare a job with the wall that it was made from")
    misses = truth.mm_per_unit * (points[:, 1] - surface_y(x, z, y, points[:, 0], points[:, 2]))
    design = np.column_stack([points[:, 0] - points[:, 0].mean(), points[:, 2] - points[:, 2].mean(), np.ones(len(points))])
    plane = np.linalg.lstsq(design, misses, rcond=None)[0]
    left = np.abs(misses - design @ plane)
    return HeightScore(
        samples=len(points),
        median_mm=float(np.median(left)),
        rmse_mm=float(np.sqrt(np.mean(left**2))),
        p95_mm=float(np.percentile(left, 95)),
        offset_mm=float(plane[2]),
    )


def surface_y(x: Array, z: Array, y: Array, at_x: Array, at_z: Array) -> Array:
    """The true surface at points (any shape): bilinear between samples y (m, n) on regular x (n,) and z (m,)."""
    s = np.clip((at_x - x[0]) / (x[1] - x[0]), 0, len(x) - 1)
    t = np.clip((at_z - z[0]) / (z[1] - z[0]), 0, len(z) - 1)
    i, j = np.minimum(s.astype(int), len(x) - 2), np.minimum(t.astype(int), len(z) - 2)
    s, t = s - i, t - j
    lower = (1 - s) * y[j, i] + s * y[j, i + 1]
    upper = (1 - s) * y[j + 1, i] + s * y[j + 1, i + 1]
    found: Array = (1 - t) * lower + t * upper
    return found
