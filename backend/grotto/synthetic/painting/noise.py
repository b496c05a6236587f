"""Random patterns: noise of many widths, and what part of a wide pattern a tile sees."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Array32 = NDArray[np.float32]

COARSE = 4  # wide patterns are made at a quarter of the painting's resolution


@dataclass(frozen=True)
class Tile:
    """A part of the painting, in its pixels."""

    left: int
    top: int
    width: int
    height: int

    def of(self, field: Array32, coarse: float = COARSE) -> Array32:
        """This part of a pattern that is `coarse` times coarser than the painting, at the painting's resolution."""
        matrix = np.array(
            [
                [1 / coarse, 0, (self.left + 0.5) / coarse - 0.5],
                [0, 1 / coarse, (self.top + 0.5) / coarse - 0.5],
            ]
        )
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        # warpAffine takes no picture larger than 32767: hand it the part in sight.
        left, top = max(0, int(matrix[0, 2]) - 2), max(0, int(matrix[1, 2]) - 2)
        part = field[top : top + int(self.height / coarse) + 6, left : left + int(self.width / coarse) + 6]
        matrix[:, 2] -= (left, top)
        seen = cv2.warpAffine(part, matrix, (self.width, self.height), flags=flags, borderMode=cv2.BORDER_REPLICATE)
        return np.asarray(seen, dtype=np.float32)


def tiles(width: int, height: int, size: int) -> list[Tile]:
    """Tiles of at most `size` a side that cover the painting."""
    return [
        Tile(left, top, min(size, width - left), min(size, height - top))
        for top in range(0, height, size)
        for left in range(0, width, size)
    ]


def octaves(
    shape: tuple[int, int], cell: float, count: int, rng: np.random.Generator, stretch: float = 1.0, persistence: float = 0.6
) -> Array32:
    """Noise of zero mean and unit spread, (h, w).

    Its widest features measure `cell` pixels across and `stretch` times that downwards; each of `count` octaves is half
    as wide as the one before and `persistence` times as strong.
    """
    total = np.zeros(shape, np.float32)
    for octave in range(count):
        across = max(1.0, cell / 2**octave)
        down = max(1.0, stretch * cell / 2**octave)
        coarse = rng.standard_normal((int(shape[0] / down) + 5, int(shape[1] / across) + 5), dtype=np.float32)
        start = 1 + rng.random(2)
        total += np.float32(persistence**octave) * _magnified(coarse, shape, across, down, start)
    total -= total.mean()
    total /= max(float(total.std()), 1e-6)
    return total


def soft_noise(shape: tuple[int, int], sigma_x: float, sigma_y: float, rng: np.random.Generator) -> Array32:
    """Noise without structure but its width, unit spread."""
    noise = rng.standard_normal(shape, dtype=np.float32)
    blurred = np.asarray(cv2.GaussianBlur(noise, (0, 0), sigmaX=sigma_x, sigmaY=sigma_y), dtype=np.float32)
    return blurred * np.float32(np.sqrt(4 * np.pi * sigma_x * sigma_y))  # a blur's loss of variance


def _magnified(coarse: Array32, shape: tuple[int, int], across: float, down: float, start: NDArray[np.float64]) -> Array32:
    """Cubic magnification, in tiles that OpenCV's warps accept."""
    out = np.empty(shape, np.float32)
    flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
    for tile in tiles(shape[1], shape[0], 8192):
        matrix = np.array([[1 / across, 0, start[0] + tile.left / across], [0, 1 / down, start[1] + tile.top / down]])
        left, top = max(0, int(matrix[0, 2]) - 3), max(0, int(matrix[1, 2]) - 3)
        part = coarse[top : top + int(tile.height / down) + 10, left : left + int(tile.width / across) + 10]
        matrix[:, 2] -= (left, top)
        out[tile.top : tile.top + tile.height, tile.left : tile.left + tile.width] = cv2.warpAffine(
            part, matrix, (tile.width, tile.height), flags=flags, borderMode=cv2.BORDER_REFLECT
        )
    return out
