"""Numba engine of the sparse voxel field: updates of its records between two batches of rays."""

from __future__ import annotations

import math

import numpy as np
from numba import prange
from numpy.typing import NDArray

from ...render import compiled
from .engine import CHANNELS, Floats


@compiled()
def add_variation(table: Floats, neighbours: NDArray[np.int32], weights: Floats, first: int, last: int, gradient: Floats) -> None:
    """Add the gradient of squared differences between rows and their three upper neighbours, for rows first..last.

    weights (16,) per channel; row 0, which is empty space, is no neighbour. Adds to gradient (rows, 16).
    """
    for r in range(first, last):
        for axis in range(3):
            other = neighbours[r, axis]
            if other != 0:
                for c in range(CHANNELS):
                    change = weights[c] * (table[r, c] - table[other, c])
                    gradient[r, c] += change
                    gradient[other, c] -= change


@compiled(parallel=True, fastmath={"contract", "reassoc"})
def adam(table: Floats, gradient: Floats, mean: Floats, square: Floats, rates: Floats, count: int) -> None:
    """One step of Adam (Kingma 2015) for rows that rays have touched; sums the layers of `gradient` and clears them.

    rates (16,) per channel; count: steps so far, this one included. Rows 0 and 1, empty and solid, stay.
    """
    chunks, total = gradient.shape[0], gradient.shape[1]
    first_bias, second_bias = 1 - 0.9**count, 1 - 0.99**count
    parts = (total + 4095) // 4096
    for part in prange(parts):
        for r in range(max(2, part * 4096), min(total, (part + 1) * 4096)):
            g = gradient[0, r]
            for chunk in range(1, chunks):
                extra = gradient[chunk, r]
                for c in range(CHANNELS):
                    g[c] += extra[c]
                    extra[c] = 0
            touched = False
            for c in range(CHANNELS):
                touched = touched or g[c] != 0
            if not touched:
                continue
            m, q, value = mean[r], square[r], table[r]
            for c in range(CHANNELS):
                m[c] = 0.9 * m[c] + 0.1 * g[c]
                q[c] = 0.99 * q[c] + 0.01 * g[c] * g[c]
                value[c] -= rates[c] * (m[c] / first_bias) / (math.sqrt(q[c] / second_bias) + 1e-12)
                g[c] = 0
    gradient[:, :2] = 0
