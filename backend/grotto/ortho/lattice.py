"""Smooth quantities of a tile on every fourth pixel: places in photos, weights, broad colours.

They change so slowly that every fourth pixel, bilinear between, loses less than a fiftieth of a pixel; the work per
pixel shrinks to sampling the photo.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ..formats import RasterGrid
from .view import Floats, Surface

STEP = 4  # pixels between nodes


@dataclass(frozen=True)
class Lattice:
    """Nodes of a tile (rows, columns), one more on each side than the tile needs. Wall frame, units."""

    x: Floats  # (1, columns)
    y: Floats  # (rows, columns)
    z: Floats  # (rows, 1)

    @classmethod
    def over(cls, grid: RasterGrid, column: int, row: int, size: tuple[int, int], surface: Surface) -> Lattice:
        """Nodes over the tile whose top left pixel is (column, row) and whose size is (width, height)."""
        x = grid.x_min + (column + _nodes(size[0])) * grid.pixel
        z = grid.z_max - (row + _nodes(size[1])) * grid.pixel
        return cls(x[None, :], surface(x[None, :], z[:, None]), z[:, None])


def _nodes(pixels: int) -> Floats:
    """Places of the nodes in px from the tile's edge: such that `cv2.resize` by STEP meets the pixels' centres."""
    return (np.arange(-1, -(-pixels // STEP) + 1) + 0.5) * STEP


def part_of(needed: NDArray[np.bool_]) -> tuple[slice, slice] | None:
    """The block of nodes (rows, columns) that `spread` needs for the pixels around nodes marked; None where none is."""
    rows, columns = np.nonzero(needed.any(1))[0], np.nonzero(needed.any(0))[0]
    if not len(rows):
        return None
    height, width = needed.shape
    top, left = max(int(rows[0]) - 2, 0), max(int(columns[0]) - 2, 0)
    return slice(top, min(int(rows[-1]) + 3, height)), slice(left, min(int(columns[-1]) + 3, width))


def spread(values: NDArray[np.floating]) -> NDArray[np.float32]:
    """Values at the pixels inside the outer nodes' cells: (STEP (rows - 2), STEP (columns - 2), ...), bilinear."""
    size = (values.shape[1] * STEP, values.shape[0] * STEP)
    fine = cv2.resize(np.ascontiguousarray(values, np.float32), size, interpolation=cv2.INTER_LINEAR)
    return fine[STEP:-STEP, STEP:-STEP].astype(np.float32, copy=False)
