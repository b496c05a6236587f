"""How flat a wall is, by its height map."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..sfm.wall import fit_plane


def flatness_rms(heights: NDArray[np.floating], step: float) -> float:
    """RMS distance of heights (h, w) from their best plane, in their unit; NaN is left out. step: a pixel in that unit."""
    row, column = np.nonzero(np.isfinite(heights))
    points = np.column_stack([column * step, row * step, heights[row, column]]).astype(np.float64)
    normal, offset = fit_plane(points)
    return float(np.sqrt(np.mean((points @ normal - offset) ** 2)))
