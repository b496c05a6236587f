"""Smooth quantities of a tile on a lattice of pixels: places in photos, weights, broad colours.

They change so slowly that nodes every fourth pixel, bilinear between, lose less than a fiftieth of a pixel; the work per
pixel shrinks to sampling the photo. Where the orthophoto is coarser than the height map, nodes stand closer.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ..formats import RasterGrid
from .view import Floats, Surface

_STEPS = (4, 2, 1)  # pixels between nodes


@dataclass(frozen=True)
class TileLattice:
    """Nodes of a tile (rows, columns), one more on each side than the tile needs. Wall frame, units."""

    x: Floats  # (1, columns)
    y: Floats  # (rows, columns)
    z: Floats  # (rows, 1)
    step: int  # pixels between nodes

    @classmethod
    def over(cls, grid: RasterGrid, tile: tuple[int, int, int, int], surface: Surface, step: int) -> TileLattice:
        """Nodes over the tile (column, row, width, height) in px of the grid."""
        x = grid.x_min + (tile[0] + _nodes(tile[2], step)) * grid.pixel
        z = grid.z_max - (tile[1] + _nodes(tile[3], step)) * grid.pixel
        return cls(x[None, :], surface(x[None, :], z[:, None]), z[:, None], step)

    def spread(self, values: NDArray[np.floating]) -> NDArray[np.float32]:
        """Values at the pixels between all nodes but the outermost: (step (rows - 2), step (columns - 2), ...), bilinear."""
        if self.step == 1:
            return np.ascontiguousarray(values[1:-1, 1:-1], np.float32)
        size = (values.shape[1] * self.step, values.shape[0] * self.step)
        fine = cv2.resize(np.ascontiguousarray(values, np.float32), size, interpolation=cv2.INTER_LINEAR)
        return fine[self.step : -self.step, self.step : -self.step].astype(np.float32, copy=False)

    def pixels_of(self, part: tuple[slice, slice]) -> tuple[slice, slice]:
        """The pixels (rows, columns) that `spread` gives for a part of the nodes, in the tile."""
        rows, columns = (slice(span.start * self.step, (span.stop - 2) * self.step) for span in part)
        return rows, columns


def lattice_step(pixel: float, height_step: float) -> int:
    """Pixels between nodes such that the relief is still followed."""
    return next((step for step in _STEPS if step * pixel <= height_step), 1)


def _nodes(pixels: int, step: int) -> Floats:
    """Places of the nodes in px from the tile's edge: such that `cv2.resize` by `step` meets the pixels' centres."""
    return (np.arange(-1, -(-pixels // step) + 1) + 0.5) * step


def part_of(needed: NDArray[np.bool_]) -> tuple[slice, slice] | None:
    """The block of nodes (rows, columns) that `spread` needs for the pixels around nodes marked; None where none is."""
    rows, columns = np.nonzero(needed.any(1))[0], np.nonzero(needed.any(0))[0]
    if not len(rows):
        return None
    height, width = needed.shape
    top, left = max(int(rows[0]) - 2, 0), max(int(columns[0]) - 2, 0)
    return slice(top, min(int(rows[-1]) + 3, height)), slice(left, min(int(columns[-1]) + 3, width))
