"""Kernels of the truncated signed distance (Curless and Levoy 1996), a voxel or a vertex at a time, one view a call."""

from __future__ import annotations

import math

import numpy as np
from numba import njit, prange
from numpy.typing import NDArray

_FREE_WEIGHT = 0.25  # of a view that sees through a voxel, against those that see a surface just in front of it
_BAND = 2.0  # truncations along the ray, beyond which a slanted plane says nothing of a voxel


@njit(cache=True)
def _at(
    camera: NDArray[np.float64], x: float, y: float, z: float, width: int, height: int
) -> tuple[float, float, float, int, int]:
    """Depth, place in pixels (centres at whole numbers) and nearest pixel; the row is -1 outside the picture."""
    depth = camera[8] * x + camera[9] * y + camera[10] * z + camera[11]
    if depth <= 1e-9:
        return depth, 0.0, 0.0, -1, -1
    u = camera[12] * (camera[0] * x + camera[1] * y + camera[2] * z + camera[3]) / depth + camera[14] - 0.5
    v = camera[13] * (camera[4] * x + camera[5] * y + camera[6] * z + camera[7]) / depth + camera[15] - 0.5
    if not (-0.5 <= u < width - 0.5 and -0.5 <= v < height - 0.5):
        return depth, u, v, -1, -1
    return depth, u, v, math.floor(v + 0.5), math.floor(u + 0.5)


@njit(cache=True)
def _surface(
    state: NDArray[np.uint8], inverse_depth: NDArray[np.float32], u: float, v: float, row: int, column: int, truncation: float
) -> tuple[float, float]:
    """Depth of the surface at a place, and the least depth of its pixels: 0 where one of them is not sure.

    Inverse depths are linear on planes, so they are what is interpolated; across an edge the nearest pixel counts.
    """
    own = 1.0 / inverse_depth[row, column]
    height, width = state.shape
    left, top = math.floor(u), math.floor(v)
    if left < 0 or top < 0 or left + 1 >= width or top + 1 >= height:
        return own, 0.0
    low, high = 1e30, -1e30
    for down in range(2):
        for across in range(2):
            kind = state[top + down, left + across]
            if kind == 2:
                return own, 0.0
            if kind == 0:
                low = min(low, inverse_depth[top + down, left + across])
                high = max(high, inverse_depth[top + down, left + across])
            else:
                low = 0.0
    if low <= 0.0 or 1.0 / low - 1.0 / high > truncation:
        return own, 1.0 / high
    a, b = u - left, v - top
    upper = (1 - a) * inverse_depth[top, left] + a * inverse_depth[top, left + 1]
    lower = (1 - a) * inverse_depth[top + 1, left] + a * inverse_depth[top + 1, left + 1]
    return 1.0 / ((1 - b) * upper + b * lower), 1.0 / high


@njit(cache=True, parallel=True)
def integrate(
    total: NDArray[np.float32],
    weight: NDArray[np.float32],
    free: NDArray[np.float32],
    hidden: NDArray[np.uint8],
    place: NDArray[np.float64],
    camera: NDArray[np.float64],
    state: NDArray[np.uint8],
    inverse_depth: NDArray[np.float32],
    slant: NDArray[np.float32],
    sureness: NDArray[np.float32],
    truncation: float,
    carve: bool,
) -> None:
    """Add one view to the grids (nx, ny, nz). `place` (4,): lowest and step.

    `total` and `weight` gather distances to the surface's plane, in truncations, positive outside; `free` counts views
    that see through the voxel, `hidden` marks those behind a surface.
    """
    height, width = state.shape
    for i in prange(total.shape[0]):
        x = place[0] + i * place[3]
        for j in range(total.shape[1]):
            y = place[1] + j * place[3]
            for k in range(total.shape[2]):
                depth, u, v, row, column = _at(camera, x, y, place[2] + k * place[3], width, height)
                if row < 0:
                    continue
                kind = state[row, column]
                if kind == 1 and carve:
                    free[i, j, k] += 1.0
                if kind != 0:
                    continue
                surface, nearest = _surface(state, inverse_depth, u, v, row, column, truncation)
                before = surface - depth
                away = before * slant[row, column]
                if before > _BAND * truncation or away > truncation:
                    if nearest - depth > truncation:
                        free[i, j, k] += 1.0
                elif before < -_BAND * truncation or away < -truncation:
                    hidden[i, j, k] = 1
                else:
                    total[i, j, k] += sureness[row, column] * away / truncation
                    weight[i, j, k] += sureness[row, column]


@njit(cache=True)
def settle(
    total: NDArray[np.float32],
    weight: NDArray[np.float32],
    free: NDArray[np.float32],
    hidden: NDArray[np.uint8],
    solid: bool,
) -> None:
    """Turn sums into values in place: `total` becomes positive inside, `hidden` 1 where nothing is known.

    What is seen through but has a surface just in front of it is decided by both. With `solid`, what no view reached
    behind a surface is inside, and all else that is unknown outside.
    """
    for i in range(total.shape[0]):
        for j in range(total.shape[1]):
            for k in range(total.shape[2]):
                value, unknown = 1.0, 0
                if weight[i, j, k] > 0:
                    value = total[i, j, k] / weight[i, j, k]
                    if value < 0:
                        through = _FREE_WEIGHT * free[i, j, k]
                        value = (total[i, j, k] + through) / (weight[i, j, k] + through)
                elif free[i, j, k] == 0:
                    unknown = 1
                    if solid and hidden[i, j, k] == 1:
                        value = -1.0
                hidden[i, j, k] = unknown
                total[i, j, k] = -value


@njit(cache=True, parallel=True)
def paint(
    colour: NDArray[np.float64],
    weight: NDArray[np.float64],
    vertices: NDArray[np.float64],
    tolerance: float,
    camera: NDArray[np.float64],
    state: NDArray[np.uint8],
    inverse_depth: NDArray[np.float32],
    slant: NDArray[np.float32],
    sureness: NDArray[np.float32],
    picture: NDArray[np.float32],
) -> None:
    """Add one view's colours to the vertices (n, 3) that lie no further than `tolerance` (length) from its surface."""
    height, width = state.shape
    for n in prange(len(vertices)):
        depth, u, v, row, column = _at(camera, vertices[n, 0], vertices[n, 1], vertices[n, 2], width, height)
        if row < 0 or state[row, column] != 0:
            continue
        surface, _ = _surface(state, inverse_depth, u, v, row, column, _BAND * tolerance)
        before = surface - depth
        if abs(before * slant[row, column]) > tolerance or abs(before) > 4.0 * tolerance:
            continue
        left, top = min(max(math.floor(u), 0), width - 2), min(max(math.floor(v), 0), height - 2)
        sure = sureness[row, column] ** 2  # views from the front count most: blending many blurs
        a, b = min(max(u - left, 0.0), 1.0), min(max(v - top, 0.0), 1.0)
        shares = 0.0
        for down in range(2):
            for across in range(2):
                if state[top + down, left + across] == 0:
                    shares += (a if across else 1 - a) * (b if down else 1 - b)
        for channel in range(3):
            value = float(picture[row, column, channel])
            if shares > 1e-6:
                value = 0.0
                for down in range(2):
                    for across in range(2):
                        if state[top + down, left + across] == 0:
                            share = (a if across else 1 - a) * (b if down else 1 - b) / shares
                            value += share * picture[top + down, left + across, channel]
            colour[n, channel] += sure * value
        weight[n] += sure
