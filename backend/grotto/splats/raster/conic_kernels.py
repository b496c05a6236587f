"""Compositing ellipsoids tile by tile, and its gradient. Numba; the slow twin is `torch_engine`.

Splats are the outer loop; of a tile's 16 rows only those inside the splat's exact box are touched, each as one vector of 16
pixels. Transmittance runs on behind the point where a pixel is full, so one comparison says whether a splat still counts.
"""

from __future__ import annotations

import numpy as np
from numba import njit, prange

from .tile_lists import all_opaque, falling_exp

_ONE, _ZERO, _HALF = np.float32(1), np.float32(0), np.float32(0.5)
_LEAST_ALPHA, _MOST_ALPHA, _LEAST_TRANSMITTANCE = np.float32(1 / 255), np.float32(0.999), np.float32(1e-4)
_FLOOR = np.float32(1e-12)  # of transmittance: far behind, and far from denormal numbers, which are slow
_LOWEST = np.float32(-8)  # exponents below it are invisible even for an opaque splat


@njit(cache=True, fastmath=True, parallel=True)
def composite_conics(  # type: ignore[no-untyped-def]
    start, splats, across, order, centres, conics, opacities, boxes, depths, features, picture, median
):
    """Fill picture (h, w, c + 1), features then opacity, and median (h, w), where half of the light is held back."""
    height, width = median.shape
    channels = features.shape[1]
    for turn in prange(len(order)):
        tile = order[turn]
        if start[tile] == start[tile + 1]:
            continue
        left, top = (tile % across) * 16, (tile // across) * 16
        through = np.ones((16, 16), np.float32)
        middle = np.zeros((16, 16), np.float32)
        sums = np.zeros((channels + 1, 16, 16), np.float32)
        weight = np.empty(16, np.float32)
        for hit in range(start[tile], start[tile + 1]):
            splat = splats[hit]
            x0 = centres[splat, 0] - np.float32(left) - _HALF
            y0 = centres[splat, 1] - np.float32(top) - _HALF
            a, b, c = -_HALF * conics[splat, 0], -conics[splat, 1], -_HALF * conics[splat, 2]
            opacity, depth = opacities[splat], depths[splat]
            for row in range(max(boxes[splat, 1] - top, 0), min(boxes[splat, 3] - top, 16)):
                y = np.float32(row) - y0
                along, rest = b * y, c * y * y
                for column in range(16):
                    x = np.float32(column) - x0
                    exponent = max(min(rest + x * (along + a * x), _ZERO), _LOWEST)
                    alpha = min(opacity * falling_exp(exponent), _MOST_ALPHA)
                    before = through[row, column]
                    after = before * (_ONE - alpha) if alpha >= _LEAST_ALPHA else before
                    counts = (alpha >= _LEAST_ALPHA) & (after > _LEAST_TRANSMITTANCE)
                    weight[column] = before * alpha if counts else _ZERO
                    through[row, column] = max(after, _FLOOR)
                    crossed = (before > _HALF) & (after <= _HALF)
                    middle[row, column] = depth if crossed else middle[row, column]
                for channel in range(channels):
                    value = features[splat, channel]
                    for column in range(16):
                        sums[channel, row, column] += weight[column] * value
                for column in range(16):
                    sums[channels, row, column] += weight[column]
            if (hit & 15) == 15 and all_opaque(through, _LEAST_TRANSMITTANCE):
                break
        for row in range(min(16, height - top)):
            for column in range(min(16, width - left)):
                median[top + row, left + column] = middle[row, column]
                for channel in range(channels + 1):
                    picture[top + row, left + column, channel] = sums[channel, row, column]


@njit(cache=True, fastmath=True, parallel=True)
def conic_gradients(  # type: ignore[no-untyped-def]
    start, splats, across, order, centres, conics, opacities, boxes, features, picture, slopes, rows
):
    """Fill rows (hits, 6 + c): gradient to centre (2), conic (3), opacity and features from slopes (h, w, c + 1) of `picture`.

    Front to back: what is still behind a splat is the whole less what lies before it, so transmittances are those of the
    forward pass to the bit.
    """
    height, width = picture.shape[0], picture.shape[1]
    channels = features.shape[1]
    for turn in prange(len(order)):
        tile = order[turn]
        if start[tile] == start[tile + 1]:
            continue
        left, top = (tile % across) * 16, (tile // across) * 16
        through = np.ones((16, 16), np.float32)
        behind = np.zeros((16, 16), np.float32)
        slope = np.zeros((channels + 1, 16, 16), np.float32)
        for row in range(min(16, height - top)):
            for column in range(min(16, width - left)):
                total = _ZERO
                for channel in range(channels + 1):
                    one = slopes[top + row, left + column, channel]
                    slope[channel, row, column] = one
                    total += one * picture[top + row, left + column, channel]
                behind[row, column] = total
        weight, value = np.empty(16, np.float32), np.empty(16, np.float32)
        moments = np.empty((6 + channels, 16), np.float32)
        last = start[tile + 1]
        for hit in range(start[tile], last):
            splat = splats[hit]
            x0 = centres[splat, 0] - np.float32(left) - _HALF
            y0 = centres[splat, 1] - np.float32(top) - _HALF
            a, b, c = -_HALF * conics[splat, 0], -conics[splat, 1], -_HALF * conics[splat, 2]
            opacity = opacities[splat]
            moments[:] = _ZERO
            for row in range(max(boxes[splat, 1] - top, 0), min(boxes[splat, 3] - top, 16)):
                y = np.float32(row) - y0
                along, rest = b * y, c * y * y
                for column in range(16):
                    value[column] = slope[channels, row, column]
                for channel in range(channels):
                    feature = features[splat, channel]
                    for column in range(16):
                        value[column] += slope[channel, row, column] * feature
                for column in range(16):
                    x = np.float32(column) - x0
                    exponent = max(min(rest + x * (along + a * x), _ZERO), _LOWEST)
                    raw = opacity * falling_exp(exponent)
                    alpha = min(raw, _MOST_ALPHA)
                    before = through[row, column]
                    after = before * (_ONE - alpha) if alpha >= _LEAST_ALPHA else before
                    counts = (alpha >= _LEAST_ALPHA) & (after > _LEAST_TRANSMITTANCE)
                    share = before * alpha if counts else _ZERO
                    through[row, column] = max(after, _FLOOR)
                    weight[column] = share
                    left_over = behind[row, column] - share * value[column]
                    behind[row, column] = left_over
                    to_alpha = before * value[column] - left_over / (_ONE - alpha)
                    to_exponent = to_alpha * alpha if counts & (raw < _MOST_ALPHA) else _ZERO
                    moments[0, column] += to_exponent
                    moments[1, column] += to_exponent * x
                    moments[2, column] += to_exponent * y
                    moments[3, column] += to_exponent * x * x
                    moments[4, column] += to_exponent * x * y
                    moments[5, column] += to_exponent * y * y
                for channel in range(channels):
                    for column in range(16):
                        moments[6 + channel, column] += weight[column] * slope[channel, row, column]
            for moment in range(6 + channels):
                total = _ZERO
                for column in range(16):
                    total += moments[moment, column]
                rows[hit, moment] = total
            flat, to_x, to_y = rows[hit, 0], rows[hit, 1], rows[hit, 2]
            rows[hit, 0] = conics[splat, 0] * to_x + conics[splat, 1] * to_y
            rows[hit, 1] = conics[splat, 1] * to_x + conics[splat, 2] * to_y
            rows[hit, 2] = -_HALF * rows[hit, 3]
            rows[hit, 3] = -rows[hit, 4]
            rows[hit, 4] = -_HALF * rows[hit, 5]
            rows[hit, 5] = flat / opacity
            if (hit & 15) == 15 and all_opaque(through, _LEAST_TRANSMITTANCE):
                rows[hit + 1 : last] = _ZERO
                break
