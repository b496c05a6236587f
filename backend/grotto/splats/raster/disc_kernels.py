"""Compositing discs tile by tile, each pixel's ray met with each disc, and its gradient. Numba; slow twin: `torch_engine`.

As in `conic_kernels`, with depths that vary over a splat. Three sums over depth z come after the features: of z, of the
bounded depth m = 1 - reference / z and of m^2 (for expected depth and for distortion).
"""

from __future__ import annotations

import numpy as np
from numba import njit, prange

from .tile_lists import all_opaque, falling_exp

_ONE, _ZERO, _HALF, _TWO = np.float32(1), np.float32(0), np.float32(0.5), np.float32(2)
_LEAST_ALPHA, _MOST_ALPHA, _LEAST_TRANSMITTANCE = np.float32(1 / 255), np.float32(0.999), np.float32(1e-4)
_FLOOR = np.float32(1e-12)  # of transmittance: far behind, and far from denormal numbers, which are slow
_LOWEST = np.float32(-8)
_LEAST_W = np.float32(1e-3)  # beyond it a ray runs along the disc's plane and misses it


@njit(cache=True, fastmath=True, parallel=True)
def composite_discs(  # type: ignore[no-untyped-def]
    start, splats, across, order, centres, shapes, opacities, boxes, depths, features, reference, picture, median
):
    """Fill picture (h, w, c + 4): features, sums of z, m and m^2, opacity; and median (h, w)."""
    height, width = median.shape
    channels = features.shape[1]
    reference = np.float32(reference)
    for turn in prange(len(order)):
        tile = order[turn]
        if start[tile] == start[tile + 1]:
            continue
        left, top = (tile % across) * 16, (tile // across) * 16
        through = np.ones((16, 16), np.float32)
        middle = np.zeros((16, 16), np.float32)
        sums = np.zeros((channels + 4, 16, 16), np.float32)
        weight, depth = np.empty(16, np.float32), np.empty(16, np.float32)
        for hit in range(start[tile], start[tile + 1]):
            splat = splats[hit]
            x0 = centres[splat, 0] - np.float32(left) - _HALF
            y0 = centres[splat, 1] - np.float32(top) - _HALF
            p, q, t, k = shapes[splat, 0], shapes[splat, 1], shapes[splat, 2], shapes[splat, 3]
            r, s = shapes[splat, 4], shapes[splat, 5]
            opacity, centre_depth = opacities[splat], depths[splat]
            for row in range(max(boxes[splat, 1] - top, 0), min(boxes[splat, 3] - top, 16)):
                y = np.float32(row) - y0
                for column in range(16):
                    x = np.float32(column) - x0
                    w = _ONE + r * x + s * y
                    over = _ONE / max(w, _LEAST_W)
                    u, v = (p * x + q * y) * over, (t * x + k * y) * over
                    on_disc, on_picture = u * u + v * v, _TWO * (x * x + y * y)
                    meets = (w > _LEAST_W) & (on_disc <= on_picture)
                    exponent = max(-_HALF * (on_disc if meets else on_picture), _LOWEST)
                    alpha = min(opacity * falling_exp(exponent), _MOST_ALPHA)
                    z = centre_depth * over if meets else centre_depth
                    depth[column] = z
                    before = through[row, column]
                    after = before * (_ONE - alpha) if alpha >= _LEAST_ALPHA else before
                    counts = (alpha >= _LEAST_ALPHA) & (after > _LEAST_TRANSMITTANCE)
                    weight[column] = before * alpha if counts else _ZERO
                    through[row, column] = max(after, _FLOOR)
                    crossed = (before > _HALF) & (after <= _HALF)
                    middle[row, column] = z if crossed else middle[row, column]
                for channel in range(channels):
                    value = features[splat, channel]
                    for column in range(16):
                        sums[channel, row, column] += weight[column] * value
                for column in range(16):
                    bounded = _ONE - reference / depth[column]
                    sums[channels, row, column] += weight[column] * depth[column]
                    sums[channels + 1, row, column] += weight[column] * bounded
                    sums[channels + 2, row, column] += weight[column] * bounded * bounded
                    sums[channels + 3, row, column] += weight[column]
            if (hit & 15) == 15 and all_opaque(through, _LEAST_TRANSMITTANCE):
                break
        for row in range(min(16, height - top)):
            for column in range(min(16, width - left)):
                median[top + row, left + column] = middle[row, column]
                for channel in range(channels + 4):
                    picture[top + row, left + column, channel] = sums[channel, row, column]


@njit(cache=True, fastmath=True, parallel=True)
def disc_gradients(  # type: ignore[no-untyped-def]
    start, splats, across, order, centres, shapes, opacities, boxes, depths, features, reference, picture, slopes, rows
):
    """Fill rows (hits, 10 + c): gradient to centre (2), homography (6), depth, opacity, features from slopes of `picture`."""
    height, width = picture.shape[0], picture.shape[1]
    channels = features.shape[1]
    reference = np.float32(reference)
    for turn in prange(len(order)):
        tile = order[turn]
        if start[tile] == start[tile + 1]:
            continue
        left, top = (tile % across) * 16, (tile // across) * 16
        through = np.ones((16, 16), np.float32)
        behind = np.zeros((16, 16), np.float32)
        slope = np.zeros((channels + 4, 16, 16), np.float32)
        for row in range(min(16, height - top)):
            for column in range(min(16, width - left)):
                total = _ZERO
                for channel in range(channels + 4):
                    one = slopes[top + row, left + column, channel]
                    slope[channel, row, column] = one
                    total += one * picture[top + row, left + column, channel]
                behind[row, column] = total
        weight, value = np.empty(16, np.float32), np.empty(16, np.float32)
        moments = np.empty((13 + channels, 16), np.float32)
        sums = np.empty(13, np.float32)
        last = start[tile + 1]
        for hit in range(start[tile], last):
            splat = splats[hit]
            x0 = centres[splat, 0] - np.float32(left) - _HALF
            y0 = centres[splat, 1] - np.float32(top) - _HALF
            p, q, t, k = shapes[splat, 0], shapes[splat, 1], shapes[splat, 2], shapes[splat, 3]
            r, s = shapes[splat, 4], shapes[splat, 5]
            opacity, centre_depth = opacities[splat], depths[splat]
            moments[:] = _ZERO
            for row in range(max(boxes[splat, 1] - top, 0), min(boxes[splat, 3] - top, 16)):
                y = np.float32(row) - y0
                for column in range(16):
                    value[column] = slope[channels + 3, row, column]
                for channel in range(channels):
                    feature = features[splat, channel]
                    for column in range(16):
                        value[column] += slope[channel, row, column] * feature
                for column in range(16):
                    x = np.float32(column) - x0
                    w = _ONE + r * x + s * y
                    over = _ONE / max(w, _LEAST_W)
                    u, v = (p * x + q * y) * over, (t * x + k * y) * over
                    on_disc, on_picture = u * u + v * v, _TWO * (x * x + y * y)
                    meets = (w > _LEAST_W) & (on_disc <= on_picture)
                    exponent = max(-_HALF * (on_disc if meets else on_picture), _LOWEST)
                    raw = opacity * falling_exp(exponent)
                    alpha = min(raw, _MOST_ALPHA)
                    z = centre_depth * over if meets else centre_depth
                    nearness = reference / z
                    bounded = _ONE - nearness
                    to_bounded = slope[channels + 1, row, column] + _TWO * bounded * slope[channels + 2, row, column]
                    seen = (
                        value[column]
                        + slope[channels, row, column] * z
                        + (slope[channels + 1, row, column] + bounded * slope[channels + 2, row, column]) * bounded
                    )
                    before = through[row, column]
                    after = before * (_ONE - alpha) if alpha >= _LEAST_ALPHA else before
                    counts = (alpha >= _LEAST_ALPHA) & (after > _LEAST_TRANSMITTANCE)
                    share = before * alpha if counts else _ZERO
                    through[row, column] = max(after, _FLOOR)
                    weight[column] = share
                    left_over = behind[row, column] - share * seen
                    behind[row, column] = left_over
                    to_alpha = before * seen - left_over / (_ONE - alpha)
                    to_exponent = to_alpha * alpha if counts & (raw < _MOST_ALPHA) else _ZERO
                    to_z = share * (slope[channels, row, column] + to_bounded * nearness / z)
                    disc = to_exponent if meets else _ZERO
                    flat = _ZERO if meets else to_exponent
                    to_u, to_v = -disc * u * over, -disc * v * over
                    to_w = -(to_u * u + to_v * v) - (to_z * centre_depth * over * over if meets else _ZERO)
                    moments[0, column] += to_u * x
                    moments[1, column] += to_u * y
                    moments[2, column] += to_v * x
                    moments[3, column] += to_v * y
                    moments[4, column] += to_w * x
                    moments[5, column] += to_w * y
                    moments[6, column] += to_u
                    moments[7, column] += to_v
                    moments[8, column] += to_w
                    moments[9, column] += flat * x
                    moments[10, column] += flat * y
                    moments[11, column] += to_exponent
                    moments[12, column] += to_z * over if meets else to_z
                for channel in range(channels):
                    for column in range(16):
                        moments[13 + channel, column] += weight[column] * slope[channel, row, column]
            for moment in range(13 + channels):
                total = _ZERO
                for column in range(16):
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
            if (hit & 15) == 15 and all_opaque(through, _LEAST_TRANSMITTANCE):
                rows[hit + 1 : last] = _ZERO
                break
