"""Inpaint the holes of a height map smoothly."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

_SWEEPS = 60


def inpaint_heights(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Replace every NaN of a map (h, w), nearly by the harmonic surface over each hole; known values stay.

    Full multigrid (Brandt 1977): each level starts from the filled half-resolution map and is relaxed, each unknown value being
    the mean of its neighbours. Zero where no value is known.
    """
    known = np.isfinite(values)
    if known.all():
        return values
    if not known.any():
        return np.zeros_like(values)
    filled = np.where(known, values, 0).astype(np.float32)
    if min(values.shape) > 1:
        height, width = max(1, values.shape[0] // 2), max(1, values.shape[1] // 2)
        share = cv2.resize(known.astype(np.float32), (width, height), interpolation=cv2.INTER_AREA).reshape(height, width)
        total = cv2.resize(filled, (width, height), interpolation=cv2.INTER_AREA).reshape(height, width)
        coarse = np.where(share > 0, total / np.maximum(share, 1e-6), np.nan).astype(np.float32)
        wide = cv2.resize(inpaint_heights(coarse), values.shape[::-1], interpolation=cv2.INTER_LINEAR).reshape(values.shape)
        filled = np.where(known, values, wide).astype(np.float32)
    else:
        filled = np.where(known, values, values[known].mean()).astype(np.float32)
    kernel = np.array([[0, 1, 0], [1, 0, 1], [0, 1, 0]], np.float32) / 4
    for _ in range(_SWEEPS):
        filled = np.where(known, values, cv2.filter2D(filled, -1, kernel, borderType=cv2.BORDER_REPLICATE)).astype(np.float32)
    return filled
