"""Compositing ellipsoids tile by tile, and its gradient. Numba; `torch_engine` is the reference.

Splats are the outer loop; of a tile's 16 rows only those inside the splat's exact box are touched, each as one vector of 16
pixels. Transmittance is still updated once a pixel is full, so that one comparison decides whether a splat contributes.
"""

from __future__ import annotations

import numpy as np
from numba import prange
from numpy.typing import NDArray

from ...render import compiled
from .limits import LEAST_ALPHA, LEAST_TRANSMITTANCE, MOST_ALPHA, TILE
from .tile_lists import TileLists, TileSplats, all_opaque, falling_exp

Floats = NDArray[np.float32]

_ONE, _ZERO, _HALF = np.float32(1), np.float32(0), np.float32(0.5)
_LEAST_ALPHA, _MOST_ALPHA = np.float32(LEAST_ALPHA), np.float32(MOST_ALPHA)
_LEAST_TRANSMITTANCE = np.float32(LEAST_TRANSMITTANCE)
_FLOOR = np.float32(1e-12)  # of transmittance: far behind, and far from denormal numbers, which are slow
_LOWEST = np.float32(-8)  # exponents below it are invisible even for an opaque splat


@compiled(fastmath=True, parallel=True)
def composite_conics(tiles: TileLists, splats: TileSplats, picture: Floats, median: Floats) -> None:
    """Fill picture (h, w, c + 1), features then opacity, and median (h, w): the depth at which the transmittance halves.

    tiles: `TileLists`. splats: `TileSplats` with shapes. All pictures float32.
    """
    height, width = median.shape
    channels = splats.features.shape[1]
    for turn in prange(len(tiles.order)):
        tile = tiles.order[turn]
        if tiles.start[tile] == tiles.start[tile + 1]:
            continue
        left, top = (tile % tiles.across) * TILE, (tile // tiles.across) * TILE
        transmittance = np.ones((TILE, TILE), np.float32)
        median_depth = np.zeros((TILE, TILE), np.float32)
        sums = np.zeros((channels + 1, TILE, TILE), np.float32)
        weight = np.empty(TILE, np.float32)
        for hit in range(tiles.start[tile], tiles.start[tile + 1]):
            splat = tiles.splats[hit]
            x0 = splats.centres[splat, 0] - np.float32(left) - _HALF
            y0 = splats.centres[splat, 1] - np.float32(top) - _HALF
            a, b, c = -_HALF * splats.shapes[splat, 0], -splats.shapes[splat, 1], -_HALF * splats.shapes[splat, 2]
            opacity, depth = splats.opacities[splat], splats.depths[splat]
            for row in range(max(splats.boxes[splat, 1] - top, 0), min(splats.boxes[splat, 3] - top, TILE)):
                y = np.float32(row) - y0
                linear, constant = b * y, c * y * y
                for column in range(TILE):
                    x = np.float32(column) - x0
                    exponent = max(min(constant + x * (linear + a * x), _ZERO), _LOWEST)
                    alpha = min(opacity * falling_exp(exponent), _MOST_ALPHA)
                    before = transmittance[row, column]
                    after = before * (_ONE - alpha) if alpha >= _LEAST_ALPHA else before
                    contributes = (alpha >= _LEAST_ALPHA) & (after > _LEAST_TRANSMITTANCE)
                    weight[column] = before * alpha if contributes else _ZERO
                    transmittance[row, column] = max(after, _FLOOR)
                    crossed = (before > _HALF) & (after <= _HALF)
                    median_depth[row, column] = depth if crossed else median_depth[row, column]
                for channel in range(channels):
                    value = splats.features[splat, channel]
                    for column in range(TILE):
                        sums[channel, row, column] += weight[column] * value
                for column in range(TILE):
                    sums[channels, row, column] += weight[column]
            if hit % TILE == TILE - 1 and all_opaque(transmittance, _LEAST_TRANSMITTANCE):
                break
        for row in range(min(TILE, height - top)):
            for column in range(min(TILE, width - left)):
                median[top + row, left + column] = median_depth[row, column]
                for channel in range(channels + 1):
                    picture[top + row, left + column, channel] = sums[channel, row, column]


@compiled(fastmath=True, parallel=True)
def conic_gradients(tiles: TileLists, splats: TileSplats, picture: Floats, picture_gradient: Floats, rows: Floats) -> None:
    """Fill rows (hits, 6 + c): the gradient to centre (2), conic (3), opacity and features of the splat of each hit.

    picture (h, w, c + 1) as `composite_conics` fills it, picture_gradient (h, w, c + 1). Front to back: the sum behind a splat
    is the total less the sum before it, so that transmittances equal those of the forward pass to the bit.
    """
    height, width = picture.shape[0], picture.shape[1]
    channels = splats.features.shape[1]
    for turn in prange(len(tiles.order)):
        tile = tiles.order[turn]
        if tiles.start[tile] == tiles.start[tile + 1]:
            continue
        left, top = (tile % tiles.across) * TILE, (tile // tiles.across) * TILE
        transmittance = np.ones((TILE, TILE), np.float32)
        behind = np.zeros((TILE, TILE), np.float32)
        of_picture = np.zeros((channels + 1, TILE, TILE), np.float32)
        for row in range(min(TILE, height - top)):
            for column in range(min(TILE, width - left)):
                total = _ZERO
                for channel in range(channels + 1):
                    component = picture_gradient[top + row, left + column, channel]
                    of_picture[channel, row, column] = component
                    total += component * picture[top + row, left + column, channel]
                behind[row, column] = total
        weight, value = np.empty(TILE, np.float32), np.empty(TILE, np.float32)
        moments = np.empty((6 + channels, TILE), np.float32)
        last = tiles.start[tile + 1]
        for hit in range(tiles.start[tile], last):
            splat = tiles.splats[hit]
            x0 = splats.centres[splat, 0] - np.float32(left) - _HALF
            y0 = splats.centres[splat, 1] - np.float32(top) - _HALF
            a, b, c = -_HALF * splats.shapes[splat, 0], -splats.shapes[splat, 1], -_HALF * splats.shapes[splat, 2]
            opacity = splats.opacities[splat]
            moments[:] = _ZERO
            for row in range(max(splats.boxes[splat, 1] - top, 0), min(splats.boxes[splat, 3] - top, TILE)):
                y = np.float32(row) - y0
                linear, constant = b * y, c * y * y
                for column in range(TILE):
                    value[column] = of_picture[channels, row, column]
                for channel in range(channels):
                    feature = splats.features[splat, channel]
                    for column in range(TILE):
                        value[column] += of_picture[channel, row, column] * feature
                for column in range(TILE):
                    x = np.float32(column) - x0
                    exponent = max(min(constant + x * (linear + a * x), _ZERO), _LOWEST)
                    raw = opacity * falling_exp(exponent)
                    alpha = min(raw, _MOST_ALPHA)
                    before = transmittance[row, column]
                    after = before * (_ONE - alpha) if alpha >= _LEAST_ALPHA else before
                    contributes = (alpha >= _LEAST_ALPHA) & (after > _LEAST_TRANSMITTANCE)
                    contribution = before * alpha if contributes else _ZERO
                    transmittance[row, column] = max(after, _FLOOR)
                    weight[column] = contribution
                    remaining = behind[row, column] - contribution * value[column]
                    behind[row, column] = remaining
                    to_alpha = before * value[column] - remaining / (_ONE - alpha)
                    to_exponent = to_alpha * alpha if contributes & (raw < _MOST_ALPHA) else _ZERO
                    moments[0, column] += to_exponent
                    moments[1, column] += to_exponent * x
                    moments[2, column] += to_exponent * y
                    moments[3, column] += to_exponent * x * x
                    moments[4, column] += to_exponent * x * y
                    moments[5, column] += to_exponent * y * y
                for channel in range(channels):
                    for column in range(TILE):
                        moments[6 + channel, column] += weight[column] * of_picture[channel, row, column]
            for moment in range(6 + channels):
                total = _ZERO
                for column in range(TILE):
                    total += moments[moment, column]
                rows[hit, moment] = total
            to_screen, to_x, to_y = rows[hit, 0], rows[hit, 1], rows[hit, 2]
            rows[hit, 0] = splats.shapes[splat, 0] * to_x + splats.shapes[splat, 1] * to_y
            rows[hit, 1] = splats.shapes[splat, 1] * to_x + splats.shapes[splat, 2] * to_y
            rows[hit, 2] = -_HALF * rows[hit, 3]
            rows[hit, 3] = -rows[hit, 4]
            rows[hit, 4] = -_HALF * rows[hit, 5]
            rows[hit, 5] = to_screen / opacity
            if hit % TILE == TILE - 1 and all_opaque(transmittance, _LEAST_TRANSMITTANCE):
                rows[hit + 1 : last] = _ZERO
                break
