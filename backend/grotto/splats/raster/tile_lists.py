"""Lists of the splats that touch each tile of a picture, nearest first; and functions that tile kernels share. Numba."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import get_num_threads
from numpy.typing import NDArray

from ...render import compiled
from .limits import TILE


class TileLists(NamedTuple):
    """Splats of tile t are splats[start[t] : start[t + 1]], nearest first. Tiles are numbered by rows."""

    start: NDArray[np.int64]  # (tiles + 1,)
    splats: NDArray[np.int32]  # (hits,)
    across: int  # tiles in a row
    order: NDArray[np.int64]  # (tiles,) in which the tiles are processed: each thread gets full and empty ones alike


class TileSplats(NamedTuple):
    """n splats on a picture, as the kernels take them."""

    centres: NDArray[np.float32]  # (n, 2) px
    shapes: NDArray[np.float32]  # (n, 3) conics or (n, 6) homographies: see `Footprints`
    opacities: NDArray[np.float32]  # (n,)
    boxes: NDArray[np.int32]  # (n, 4) px: first column, first row, last column + 1, last row + 1
    depths: NDArray[np.float32]  # (n,) z of the camera
    features: NDArray[np.float32]  # (n, c)


def list_tiles(depths: NDArray[np.float32], boxes: NDArray[np.int32], width: int, height: int) -> TileLists:
    """Lists for boxes (n, 4) in px; splats of equal depth keep their order."""
    across, down = -(-width // TILE), -(-height // TILE)
    seen = np.nonzero(boxes[:, 2] > boxes[:, 0])[0]
    nearest_first = seen[np.argsort(depths[seen], kind="stable")]
    start, splats = _fill(nearest_first, boxes, across, down)
    heaviest_first = np.argsort(-np.diff(start), kind="stable")
    threads = get_num_threads()
    order = np.concatenate([heaviest_first[thread::threads] for thread in range(threads)])
    return TileLists(start, splats, across, order)


@compiled()
def _fill(
    nearest_first: NDArray[np.int64], boxes: NDArray[np.int32], across: int, down: int
) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    start = np.zeros(across * down + 1, np.int64)
    for splat in nearest_first:
        for row in range(boxes[splat, 1] // TILE, (boxes[splat, 3] - 1) // TILE + 1):
            for column in range(boxes[splat, 0] // TILE, (boxes[splat, 2] - 1) // TILE + 1):
                start[row * across + column + 1] += 1
    start = np.cumsum(start)
    splats = np.empty(start[-1], np.int32)
    at = start[:-1].copy()
    for splat in nearest_first:
        for row in range(boxes[splat, 1] // TILE, (boxes[splat, 3] - 1) // TILE + 1):
            for column in range(boxes[splat, 0] // TILE, (boxes[splat, 2] - 1) // TILE + 1):
                tile = row * across + column
                splats[at[tile]] = splat
                at[tile] += 1
    return start, splats


@compiled()
def sum_rows(splats: NDArray[np.int32], rows: NDArray[np.float32], count: int) -> NDArray[np.float32]:
    """(count, k): rows (hits, k) of each splat added up, always in the same order."""
    total = np.zeros((count, rows.shape[1]), np.float32)
    for hit in range(len(splats)):
        splat = splats[hit]
        for column in range(rows.shape[1]):
            total[splat, column] += rows[hit, column]
    return total


@compiled(fastmath=True, inline="always")
def falling_exp(x: np.float32) -> np.float32:
    """exp(x) for x in [-8, 0]: Taylor's series to order 5 at x / 16, squared four times. Branch-free, so that it vectorises."""
    y = x * np.float32(1 / 16)
    series = np.float32(1 / 24) + y * np.float32(1 / 120)
    series = np.float32(1 / 6) + y * series
    series = np.float32(1 / 2) + y * series
    series = np.float32(1) + y * (np.float32(1) + y * series)
    series = series * series
    series = series * series
    series = series * series
    return series * series


@compiled(fastmath=True, inline="always")
def all_opaque(transmittance: NDArray[np.float32], least: np.float32) -> bool:
    """Whether the transmittance of all pixels (16, 16) is at most `least`."""
    most = np.float32(0)
    for row in range(TILE):
        for column in range(TILE):
            most = max(most, transmittance[row, column])
    return bool(most <= least)
