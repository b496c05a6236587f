"""Numba engine of the multi-resolution hash encoding: one thread per level, so that no two write to the same row."""

from __future__ import annotations

import numpy as np
from numba import prange
from numpy.typing import NDArray

from ...render import compiled

Floats = NDArray[np.float32]
Integers = NDArray[np.int64]
Levels = tuple[Integers, Integers, Integers]  # cells, first rows, rows of each level


@compiled(inline="always")
def _rows(i: int, j: int, k: int, cells: int, count: int, rows: Integers) -> None:
    """Rows of a cell's eight corners within their level, z fastest."""
    if count == (cells + 1) ** 3:
        low = (i * (cells + 1) + j) * (cells + 1) + k
        across, down = (cells + 1) * (cells + 1), cells + 1
        rows[0], rows[1], rows[2], rows[3] = low, low + 1, low + down, low + down + 1
        rows[4], rows[5], rows[6], rows[7] = low + across, low + across + 1, low + across + down, low + across + down + 1
    else:
        y0, y1 = j * 2654435761, (j + 1) * 2654435761
        z0, z1 = k * 805459861, (k + 1) * 805459861
        mask = count - 1  # a power of two
        rows[0], rows[1], rows[2], rows[3] = (
            (i ^ y0 ^ z0) & mask,
            (i ^ y0 ^ z1) & mask,
            (i ^ y1 ^ z0) & mask,
            (i ^ y1 ^ z1) & mask,
        )
        i += 1
        rows[4], rows[5], rows[6], rows[7] = (
            (i ^ y0 ^ z0) & mask,
            (i ^ y0 ^ z1) & mask,
            (i ^ y1 ^ z0) & mask,
            (i ^ y1 ^ z1) & mask,
        )


@compiled(inline="always")
def _place(position: np.float32, cells: int) -> tuple[int, np.float32, np.bool_]:
    """The cell along one axis, the place in it, and whether the position is within the grid."""
    within = 0.0 <= position <= 1.0
    scaled = min(max(position, np.float32(0)), np.float32(1)) * np.float32(cells)
    cell = min(int(scaled), cells - 1)
    return cell, scaled - np.float32(cell), within


@compiled(inline="always")
def _weights(x: np.float32, y: np.float32, z: np.float32, w: Floats) -> None:
    w[0], w[1] = (1 - x) * (1 - y) * (1 - z), (1 - x) * (1 - y) * z
    w[2], w[3] = (1 - x) * y * (1 - z), (1 - x) * y * z
    w[4], w[5] = x * (1 - y) * (1 - z), x * (1 - y) * z
    w[6], w[7] = x * y * (1 - z), x * y * z


@compiled(parallel=True)
def encode(positions: Floats, table: Floats, levels: Levels, active: int, made: Floats) -> None:
    """Fill made (n, levels * features): see `grid_encoding.encode_reference`. levels: `GridLevels.arrays`."""
    all_cells, firsts, counts = levels
    features = table.shape[1]
    for level in prange(active):
        cells, first, count = all_cells[level], firsts[level], counts[level]
        rows, w = np.empty(8, np.int64), np.empty(8, np.float32)
        for n in range(len(positions)):
            i, x, _ = _place(positions[n, 0], cells)
            j, y, _ = _place(positions[n, 1], cells)
            k, z, _ = _place(positions[n, 2], cells)
            _rows(i, j, k, cells, count, rows)
            _weights(x, y, z, w)
            for f in range(features):
                total = np.float32(0)
                for corner in range(8):
                    total += w[corner] * table[first + rows[corner], f]
                made[n, level * features + f] = total


@compiled(parallel=True)
def encode_backward(
    positions: Floats, table: Floats, levels: Levels, active: int, gradient: Floats, of_table: Floats, of_positions: Floats
) -> None:
    """Add to of_table (rows, features) and, a layer for each level, of_positions (levels, n, 3); no layers: not wanted."""
    all_cells, firsts, counts = levels
    features = table.shape[1]
    wanted = len(of_positions) > 0
    for level in prange(active):
        cells, first, count = all_cells[level], firsts[level], counts[level]
        rows, w = np.empty(8, np.int64), np.empty(8, np.float32)
        for n in range(len(positions)):
            i, x, x_within = _place(positions[n, 0], cells)
            j, y, y_within = _place(positions[n, 1], cells)
            k, z, z_within = _place(positions[n, 2], cells)
            _rows(i, j, k, cells, count, rows)
            _weights(x, y, z, w)
            for f in range(features):
                slope = gradient[n, level * features + f]
                for corner in range(8):
                    of_table[first + rows[corner], f] += w[corner] * slope
            if wanted:
                along_x, along_y, along_z = np.float32(0), np.float32(0), np.float32(0)
                for corner in range(8):
                    slope = np.float32(0)
                    for f in range(features):
                        slope += gradient[n, level * features + f] * table[first + rows[corner], f]
                    a, b, c = corner >> 2 & 1, corner >> 1 & 1, corner & 1
                    u = x if a else 1 - x
                    v = y if b else 1 - y
                    t = z if c else 1 - z
                    along_x += (2 * a - 1) * v * t * slope
                    along_y += (2 * b - 1) * u * t * slope
                    along_z += (2 * c - 1) * u * v * slope
                of_positions[level, n, 0] = along_x * cells if x_within else 0.0
                of_positions[level, n, 1] = along_y * cells if y_within else 0.0
                of_positions[level, n, 2] = along_z * cells if z_within else 0.0
