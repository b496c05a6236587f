"""How common a look is on a wall: one that is found nearly everywhere belongs to the ground, not to a figure."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ..regions import Regions

_CLUSTERS = 24
_CELLS = 8  # along the wall's shorter side
_FOUND = 0.04  # of a cell's area


def commonness(regions: Regions, height: int, width: int) -> NDArray[np.float64]:
    """Fraction (n,) of the wall's cells in which the k-means cluster of each region's features is found."""
    values = np.concatenate([regions.lab / 8.0, 0.5 * regions.variation, 0.5 * regions.texture[:, None]], axis=1).astype(
        np.float32
    )
    count = min(_CLUSTERS, len(values))
    cv2.setRNGSeed(0)
    stop = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 30, 1e-3)
    _, found, _ = cv2.kmeans(values, count, np.empty(0, np.int32), stop, 2, cv2.KMEANS_PP_CENTERS)
    cluster = np.asarray(found, dtype=np.int64).ravel()
    side = max(1, min(height, width) // _CELLS)
    rows, columns = np.arange(height) // side, np.arange(width) // side
    cell = rows[:, None] * (columns[-1] + 1) + columns[None, :]
    cells = int(cell.max()) + 1
    tally = np.zeros((count, cells))
    np.add.at(tally, (cluster[regions.labels.ravel()], cell.ravel()), 1.0)
    size = np.bincount(cell.ravel(), minlength=cells)
    whole = size >= 0.3 * side * side
    fraction = (tally / np.maximum(size, 1) >= _FOUND)[:, whole].mean(axis=1)
    return np.asarray(fraction[cluster], dtype=np.float64)
