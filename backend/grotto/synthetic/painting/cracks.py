"""Cracks: the borders of cells around scattered seeds, fine in the paint and wide in the wall."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.spatial import Voronoi

from .noise import Array32, Tile

_SHIFT = 4  # OpenCV's fixed point: a sixteenth of a pixel


@dataclass(frozen=True)
class Cracks:
    """Straight cracks, (n, 2, 2): two ends, x and y in the painting's pixels."""

    ends: NDArray[np.float64]

    def drawn(self, tile: Tile, reach: int) -> Array32:
        """1 on the cracks and 0 elsewhere, a pixel wide, over a tile widened by `reach` on each side."""
        origin = np.array([tile.left - reach, tile.top - reach])
        size = np.array([tile.width + 2 * reach, tile.height + 2 * reach])
        ends = self.ends - origin
        near = ((ends.max(1) > -2) & (ends.min(1) < size + 2)).all(1)
        picture = np.zeros((size[1], size[0]), np.uint8)
        fixed = np.round(ends[near] * (1 << _SHIFT)).astype(np.int32)
        cv2.polylines(picture, list(fixed), False, 255, 1, cv2.LINE_AA, _SHIFT)
        return picture.astype(np.float32) / np.float32(255)


def make_cracks(width: int, height: int, spacing: float, kept: float, rng: np.random.Generator) -> Cracks:
    """Borders of cells about `spacing` pixels wide over the painting; the part `kept` of them."""
    rows, columns = int(height / spacing) + 4, int(width / spacing) + 4
    x, y = np.meshgrid(np.arange(columns) - 2, np.arange(rows) - 2)
    seeds = spacing * (np.stack([x, y], axis=-1) + rng.random((rows, columns, 2)))
    cells = Voronoi(seeds.reshape(-1, 2))
    ridges = np.array(cells.ridge_vertices)
    ridges = ridges[(ridges >= 0).all(1)]
    ends = cells.vertices[ridges]
    # Where seeds are nearly in line, vertices lie far outside: no crack is that long.
    short = (np.abs(ends[:, 0] - ends[:, 1]) < 3 * spacing).all(1)
    return Cracks(ends[short & (rng.random(len(ends)) < kept)])
