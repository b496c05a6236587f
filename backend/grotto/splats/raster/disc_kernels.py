"""Compositing discs tile by tile, each pixel's ray met with each disc, and its gradient. Numba; reference: `torch_engine`.

As in `conic_kernels`, with depths that vary over a splat. Three sums over depth z come after the features: of z, of the
bounded depth m = 1 - reference / z and of m^2 (for expected depth and for distortion).
"""

from __future__ import annotations

import numpy as np
from numba import prange
from numpy.typing import NDArray

from ...render import compiled
from .limits import LEAST_ALPHA, LEAST_TRANSMITTANCE, LEAST_W, MOST_ALPHA, TILE
from .tile_lists import TileLists, TileSplats, all_opaque, falling_exp

Floats = NDArray[np.float32]

_ONE, _ZERO, _HALF, _TWO = np.float32(1), np.float32(0), np.float32(0.5), np.float32(2)
_LEAST_ALPHA, _MOST_ALPHA = np.float32(LEAST_ALPHA), np.float32(MOST_ALPHA)
_LEAST_TRANSMITTANCE = np.float32(LEAST_TRANSMITTANCE)
_FLOOR = np.float32(1e-12)  # of transmittance: far behind, and far from denormal numbers, which are slow
_LOWEST = np.float32(-8)
_LEAST_W = np.float32(LEAST_W)


@compiled(fastmath=True, parallel=True)
def composite_discs(tiles: TileLists, splats: TileSplats, reference: float, picture: Floats, median: Floats) -> None:
    """Fill picture (h, w, c + 4): features, sums of z, m and m^2, opacity; and median (h, w).

    tiles: `TileLists`. splats: `TileSplats` with homographies. reference: depth at which m is 0. All pictures float32.
    """
    height, width = median.shape
    channels = splats.features.shape[1]
    zero_depth = np.float32(reference)
    for turn in prange(len(tiles.order)):
        tile = tiles.order[turn]
        if tiles.start[tile] == tiles.start[tile + 1]:
            continue
        left, top = (tile % tiles.across) * TILE, (tile // tiles.across) * TILE
        transmittance = np.ones((TILE, TILE), np.float32)
        median_depth = np.zeros((TILE, TILE), np.float32)
        sums = np.zeros((channels + 4, TILE, TILE), np.float32)
        weight, depth = np.empty(TILE, np.float32), np.empty(TILE, np.float32)
        for hit in range(tiles.start[tile], tiles.start[tile + 1]):
            splat = tiles.splats[hit]
            x0 = splats.centres[splat, 0] - np.float32(left) - _HALF
            y0 = splats.centres[splat, 1] - np.float32(top) - _HALF
            p, q, t, k = splats.shapes[splat, 0], splats.shapes[splat, 1], splats.shapes[splat, 2], splats.shapes[splat, 3]
            r, s = splats.shapes[splat, 4], splats.shapes[splat, 5]
            opacity, centre_depth = splats.opacities[splat], splats.depths[splat]
            for row in range(max(splats.boxes[splat, 1] - top, 0), min(splats.boxes[splat, 3] - top, TILE)):
                y = np.float32(row) - y0
                for column in range(TILE):
                    x = np.float32(column) - x0
                    w = _ONE + r * x + s * y
                    inverse_w = _ONE / max(w, _LEAST_W)
                    u, v = (p * x + q * y) * inverse_w, (t * x + k * y) * inverse_w
                    on_disc, on_picture = u * u + v * v, _TWO * (x * x + y * y)
                    meets = (w > _LEAST_W) & (on_disc <= on_picture)
                    exponent = max(-_HALF * (on_disc if meets else on_picture), _LOWEST)
                    alpha = min(opacity * falling_exp(exponent), _MOST_ALPHA)
                    z = centre_depth * inverse_w if meets else centre_depth
                    depth[column] = z
                    before = transmittance[row, column]
                    after = before * (_ONE - alpha) if alpha >= _LEAST_ALPHA else before
                    contributes = (alpha >= _LEAST_ALPHA) & (after > _LEAST_TRANSMITTANCE)
                    weight[column] = before * alpha if contributes else _ZERO
                    transmittance[row, column] = max(after, _FLOOR)
                    crossed = (before > _HALF) & (after <= _HALF)
                    median_depth[row, column] = z if crossed else median_depth[row, column]
                for channel in range(channels):
                    value = splats.features[splat, channel]
                    for column in range(TILE):
                        sums[channel, row, column] += weight[column] * value
                for column in range(TILE):
                    bounded = _ONE - zero_depth / depth[column]
                    sums[channels, row, column] += weight[column] * depth[column]
                    sums[channels + 1, row, column] += weight[column] * bounded
                    sums[channels + 2, row, column] += weight[column] * bounded * bounded
                    sums[channels + 3, row, column] += weight[column]
            if hit % TILE == TILE - 1 and all_opaque(transmittance, _LEAST_TRANSMITTANCE):
                break
        for row in range(min(TILE, height - top)):
            for column in range(min(TILE, width - left)):
                median[top + row, left + column] = median_depth[row, column]
                for channel in range(channels + 4):
                    picture[top + row, left + column, channel] = sums[channel, row, column]


@compiled(fastmath=True, parallel=True)
def disc_gradients(
    tiles: TileLists, splats: TileSplats, reference: float, picture: Floats, picture_gradient: Floats, rows: Floats
) -> None:
    """Fill rows (hits, 10 + c): the gradient to centre (2), homography (6), depth, opacity and features of each hit's splat.

    picture (h, w, c + 4) as `composite_discs` fills it, picture_gradient (h, w, c + 4).
    """
    height, width = picture.shape[0], picture.shape[1]
    channels = splats.features.shape[1]
    zero_depth = np.float32(reference)
    for turn in prange(len(tiles.order)):
        tile = tiles.order[turn]
        if tiles.start[tile] == tiles.start[tile + 1]:
            continue
        left, top = (tile % tiles.across) * TILE, (tile // tiles.across) * TILE
        transmittance = np.ones((TILE, TILE), np.float32)
        behind = np.zeros((TILE, TILE), np.float32)
        of_picture = np.zeros((channels + 4, TILE, TILE), np.float32)
        for row in range(min(TILE, height - top)):
            for column in range(min(TILE, width - left)):
                total = _ZERO
                for channel in range(channels + 4):
                    component = picture_gradient[top + row, left + column, channel]
                    of_picture[channel, row, column] = component
                    total += component * picture[top + row, left + column, channel]
                behind[row, column] = total
        weight, value = np.empty(TILE, np.float32), np.empty(TILE, np.float32)
        moments = np.empty((13 + channels, TILE), np.float32)
        sums = np.empty(13, np.float32)
        last = tiles.start[tile + 1]
        for hit in range(tiles.start[tile], last):
            splat = tiles.splats[hit]
            x0 = splats.centres[splat, 0] - np.float32(left) - _HALF
            y0 = splats.centres[splat, 1] - np.float32(top) - _HALF
            p, q, t, k = splats.shapes[splat, 0], splats.shapes[splat, 1], splats.shapes[splat, 2], splats.shapes[splat, 3]
            r, s = splats.shapes[splat, 4], splats.shapes[splat, 5]
            opacity, centre_depth = splats.opacities[splat], splats.depths[splat]
            moments[:] = _ZERO
            for row in range(max(splats.boxes[splat, 1] - top, 0), min(splats.boxes[splat, 3] - top, TILE)):
                y = np.float32(row) - y0
                for column in range(TILE):
                    value[column] = of_picture[channels + 3, row, column]
                for channel in range(channels):
                    feature = splats.features[splat, channel]
                    for column in range(TILE):
                        value[column] += of_picture[channel, row, column] * feature
                for column in range(TILE):
                    x = np.float32(column) - x0
                    w = _ONE + r * x + s * y
                    inverse_w = _ONE / max(w, _LEAST_W)
                    u, v = (p * x + q * y) * inverse_w, (t * x + k * y) * inverse_w
                    on_disc, on_picture = u * u + v * v, _TWO * (x * x + y * y)
                    meets = (w > _LEAST_W) & (on_disc <= on_picture)
                    exponent = max(-_HALF * (on_disc if meets else on_picture), _LOWEST)
                    raw = opacity * falling_exp(exponent)
                    alpha = min(raw, _MOST_ALPHA)
                    z = centre_depth * inverse_w if meets else centre_depth
                    ratio = zero_depth / z
                    bounded = _ONE - ratio
                    to_bounded = of_picture[channels + 1, row, column] + _TWO * bounded * of_picture[channels + 2, row, column]
                    to_weight = (
                        value[column]
                        + of_picture[channels, row, column] * z
                        + (of_picture[channels + 1, row, column] + bounded * of_picture[channels + 2, row, column]) * bounded
                    )
                    before = transmittance[row, column]
                    after = before * (_ONE - alpha) if alpha >= _LEAST_ALPHA else before
                    contributes = (alpha >= _LEAST_ALPHA) & (after > _LEAST_TRANSMITTANCE)
                    contribution = before * alpha if contributes else _ZERO
                    transmittance[row, column] = max(after, _FLOOR)
                    weight[column] = contribution
                    remaining = behind[row, column] - contribution * to_weight
                    behind[row, column] = remaining
                    to_alpha = before * to_weight - remaining / (_ONE - alpha)
                    to_exponent = to_alpha * alpha if contributes & (raw < _MOST_ALPHA) else _ZERO
                    to_z = contribution * (of_picture[channels, row, column] + to_bounded * ratio / z)
                    to_disc = to_exponent if meets else _ZERO
                    to_screen = _ZERO if meets else to_exponent
                    to_u, to_v = -to_disc * u * inverse_w, -to_disc * v * inverse_w
                    to_w = -(to_u * u + to_v * v) - (to_z * centre_depth * inverse_w * inverse_w if meets else _ZERO)
                    moments[0, column] += to_u * x
                    moments[1, column] += to_u * y
                    moments[2, column] += to_v * x
                    moments[3, column] += to_v * y
                    moments[4, column] += to_w * x
                    moments[5, column] += to_w * y
                    moments[6, column] += to_u
                    moments[7, column] += to_v
                    moments[8, column] += to_w
                    moments[9, column] += to_screen * x
                    moments[10, column] += to_screen * y
                    moments[11, column] += to_exponent
                    moments[12, column] += to_z * inverse_w if meets else to_z
                for channel in range(channels):
                    for column in range(TILE):
                        moments[13 + channel, column] += weight[column] * of_picture[channel, row, column]
            for moment in range(13 + channels):
                total = _ZERO
                for column in range(TILE):
                    total += moments[moment, column]
                if moment < 13:
                    sums[moment] = total
                else:
                    rows[hit, moment - 3] = total
            rows[hit, 0] = _TWO * sums[9] - p * sums[6] - t * sums[7] - r * sums[8]
            rows[hit, 1] = _TWO * sums[10] - q * sums[6] - k * sums[7] - s * sums[8]
            for moment in range(6):
                rows[hit, 2 + moment] = sums[moment]
            rows[hit, 8] = sums[12]
            rows[hit, 9] = sums[11] / opacity
            if hit % TILE == TILE - 1 and all_opaque(transmittance, _LEAST_TRANSMITTANCE):
                rows[hit + 1 : last] = _ZERO
                break
