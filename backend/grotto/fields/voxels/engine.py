"""numba engine of the many-view voxel field: rays are marched, compared with pictures and differentiated in one pass.

A record is 16 float32: raw density, three colours, three first-order directional coefficients for each colour, three unused.
One corner of a cell is thus one cache line. Row 0 is empty space. Rays are cut into as many chunks as the gradient has
layers; a chunk is one thread's work, so no two threads write to the same place and sums do not depend on scheduling.
The torch twin is `many_reference.py`.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import njit, prange
from numpy.typing import NDArray

CHANNELS = 16
BLOCK = 4  # cells along a side of the blocks in which empty space is skipped
THINNEST = 2e-3  # optical thickness of a sample that fits still look at
LEAST_LIGHT = 1e-3  # a ray ends when less light than this is left


class Marched(NamedTuple):
    """A sparse grid as the kernels take it."""

    table: NDArray[np.float32]  # (rows, 16)
    nodes: NDArray[np.int32]  # (nx, ny, nz) row of each node
    blocks: NDArray[np.uint8]  # (bx, by, bz) 0: nothing in these cells
    step: float  # between samples, in cells
    shift: float  # added to raw density
    unit: float  # cells, for which density is told, in one cell
    directional: bool  # colours vary with direction
    thinnest: float  # optical thickness of a sample, below which it counts as empty


class LossWeights(NamedTuple):
    """How errors of rays are weighed, and what lies behind a scene without alpha."""

    alpha: float
    distortion: float
    mean: float  # one over the number of rays
    red: float
    green: float
    blue: float


_FAST = {"contract", "reassoc", "nsz", "arcp"}  # not nnan: a fit that diverges must be seen


@njit(cache=True, fastmath=_FAST, inline="always")
def _stretch(ox, oy, oz, dx, dy, dz, nx, ny, nz):  # type: ignore[no-untyped-def]
    """Distances at which a ray enters and leaves the lattice, in cells."""
    near, far = 0.0, 1e30
    for o, d, n in ((ox, dx, nx), (oy, dy, ny), (oz, dz, nz)):
        if abs(d) < 1e-9:
            if o < 0 or o > n - 1:
                far = -1.0
        else:
            a, b = -o / d, (n - 1 - o) / d
            near, far = max(near, min(a, b)), min(far, max(a, b))
    return near, far


@njit(cache=True, fastmath=_FAST, inline="always")
def _softplus(x):  # type: ignore[no-untyped-def]
    return x if x > np.float32(15) else math.log1p(math.exp(np.float32(x)))


@njit(cache=True, fastmath=_FAST, inline="always")
def _logistic(x):  # type: ignore[no-untyped-def]
    return np.float32(1) / (np.float32(1) + math.exp(np.float32(-x)))


@njit(cache=True, inline="always")
def _scratch(marched):  # type: ignore[no-untyped-def]
    """Room for the samples of the longest ray: rows (s, 8), weights (s, 8), records (s, 16) and (s, 4), see `_march`."""
    nx, ny, nz = marched.nodes.shape
    most = int(math.sqrt(float(nx * nx + ny * ny + nz * nz)) / marched.step) + 2
    return (
        np.empty((most, 8), np.int32),
        np.empty((most, 8), np.float32),
        np.empty((most, CHANNELS), np.float32),
        np.empty((most, 4), np.float32),
    )


@njit(cache=True, fastmath=_FAST)
def _march(ray, jitter, marched, scratch):  # type: ignore[no-untyped-def]
    """March one ray; returns the number of samples that are not empty and the light left behind the last one.

    ray (6,): origin in cells, unit direction. Fills rows (s, 8), weights (s, 8) trilinear, values (s, 16) blended records
    (colours already between 0 and 1) and samples (s, 4): distance in cells, optical thickness, light before it, raw density.
    """
    rows, weights, values, samples = scratch
    table, index, blocks, step = marched.table, marched.nodes, marched.blocks, marched.step
    nx, ny, nz = index.shape
    ox, oy, oz, dx, dy, dz = ray[0], ray[1], ray[2], ray[3], ray[4], ray[5]
    near, far = _stretch(ox, oy, oz, dx, dy, dz, nx, ny, nz)
    t = near + jitter * step
    light = 1.0
    count = 0
    while t < far and count < rows.shape[0]:
        x, y, z = ox + t * dx, oy + t * dy, oz + t * dz
        i = min(max(int(x), 0), nx - 2)
        j = min(max(int(y), 0), ny - 2)
        k = min(max(int(z), 0), nz - 2)
        bi, bj, bk = i // BLOCK, j // BLOCK, k // BLOCK
        if blocks[bi, bj, bk] == 0:
            leave = far
            if dx > 1e-9:
                leave = min(leave, ((bi + 1) * BLOCK - ox) / dx)
            elif dx < -1e-9:
                leave = min(leave, (bi * BLOCK - ox) / dx)
            if dy > 1e-9:
                leave = min(leave, ((bj + 1) * BLOCK - oy) / dy)
            elif dy < -1e-9:
                leave = min(leave, (bj * BLOCK - oy) / dy)
            if dz > 1e-9:
                leave = min(leave, ((bk + 1) * BLOCK - oz) / dz)
            elif dz < -1e-9:
                leave = min(leave, (bk * BLOCK - oz) / dz)
            t += step * max(1.0, math.ceil((leave - t) / step))
            continue
        r = rows[count]
        r[0], r[1] = index[i, j, k], index[i, j, k + 1]
        r[2], r[3] = index[i, j + 1, k], index[i, j + 1, k + 1]
        r[4], r[5] = index[i + 1, j, k], index[i + 1, j, k + 1]
        r[6], r[7] = index[i + 1, j + 1, k], index[i + 1, j + 1, k + 1]
        if r[0] + r[1] + r[2] + r[3] + r[4] + r[5] + r[6] + r[7] == 0:
            t += step
            continue
        x, y, z = x - i, y - j, z - k
        w = weights[count]
        w[0], w[1] = (1 - x) * (1 - y) * (1 - z), (1 - x) * (1 - y) * z
        w[2], w[3] = (1 - x) * y * (1 - z), (1 - x) * y * z
        w[4], w[5] = x * (1 - y) * (1 - z), x * (1 - y) * z
        w[6], w[7] = x * y * (1 - z), x * y * z
        raw = np.float32(0)
        for c in range(8):
            raw += w[c] * table[r[c], 0]
        thickness = _softplus(raw + marched.shift) * step * marched.unit
        if thickness < marched.thinnest:
            t += step
            continue
        v = values[count]
        a, b, c_, d = table[r[0]], table[r[1]], table[r[2]], table[r[3]]
        e, f, g, h = table[r[4]], table[r[5]], table[r[6]], table[r[7]]
        for c in range(CHANNELS):
            v[c] = w[0] * a[c] + w[1] * b[c] + w[2] * c_[c] + w[3] * d[c] + w[4] * e[c] + w[5] * f[c] + w[6] * g[c] + w[7] * h[c]
        for c in range(3):
            logit = v[1 + c]
            if marched.directional:
                logit += v[4 + 3 * c] * dx + v[5 + 3 * c] * dy + v[6 + 3 * c] * dz
            v[1 + c] = _logistic(logit)
        s = samples[count]
        s[0], s[1], s[2], s[3] = t, thickness, light, raw
        light *= math.exp(np.float32(-thickness))
        count += 1
        t += step
        if light < LEAST_LIGHT:
            break
    return count, light


@njit(cache=True, fastmath=_FAST)
def _fit_ray(ray, target, jitter, marched, loss, scratch, gradient, sums):  # type: ignore[no-untyped-def]
    """One ray of `fit_rays`: adds to gradient (rows, 16) and sums (6,)."""
    rows, weights, values, samples = scratch
    count, light = _march(ray, jitter, marched, scratch)
    nx, ny, nz = marched.nodes.shape
    width = 1.0 / max(nx, ny, nz)
    stretch = marched.step * width
    red, green, blue, total, moment = 0.0, 0.0, 0.0, 0.0, 0.0
    for s in range(count):
        part = samples[s, 2] * -math.expm1(np.float32(-samples[s, 1]))
        red += part * values[s, 1]
        green += part * values[s, 2]
        blue += part * values[s, 3]
        total += part
        moment += part * samples[s, 0] * width
    scene = target[3] < 0
    if scene:
        red, green, blue = red + light * loss.red, green + light * loss.green, blue + light * loss.blue
    red, green, blue = red - target[0], green - target[1], blue - target[2]
    sums[0] += red * red + green * green + blue * blue
    red, green, blue = 2 * red * loss.mean, 2 * green * loss.mean, 2 * blue * loss.mean
    if scene:
        sums[3] += light * red
        sums[4] += light * green
        sums[5] += light * blue
        opaque = -(red * loss.red + green * loss.green + blue * loss.blue)
    else:
        missing = (1 - light) - target[3]
        sums[1] += missing * missing
        opaque = 2 * loss.alpha * loss.mean * missing
    behind, seen, seen_moment = 0.0, total, moment
    change = np.zeros(CHANNELS, np.float32)
    for s in range(count - 1, -1, -1):
        thickness, before = samples[s, 1], samples[s, 2]
        part = before * -math.expm1(np.float32(-thickness))
        at = samples[s, 0] * width
        front, front_moment = seen - part, seen_moment - part * at
        apart = at * front - front_moment + (moment - seen_moment) - at * (total - seen)
        sums[2] += part * apart + part * part * stretch / 3
        v = values[s]
        pull = red * v[1] + green * v[2] + blue * v[3] + opaque
        pull += loss.distortion * loss.mean * (2 * apart + 2 * part * stretch / 3)
        slope = pull * before * math.exp(np.float32(-thickness)) - behind
        behind += pull * part
        seen, seen_moment = front, front_moment
        change[0] = slope * _logistic(samples[s, 3] + marched.shift) * marched.step * marched.unit
        change[1] = red * part * v[1] * (1 - v[1])
        change[2] = green * part * v[2] * (1 - v[2])
        change[3] = blue * part * v[3] * (1 - v[3])
        if marched.directional:
            for c in range(3):
                change[4 + 3 * c] = change[1 + c] * ray[3]
                change[5 + 3 * c] = change[1 + c] * ray[4]
                change[6 + 3 * c] = change[1 + c] * ray[5]
        for corner in range(8):
            own, share = gradient[rows[s, corner]], weights[s, corner]
            for c in range(CHANNELS):
                own[c] += share * change[c]


@njit(cache=True, parallel=True, fastmath=_FAST)
def fit_rays(rays, targets, jitter, marched, loss, gradient):  # type: ignore[no-untyped-def]
    """Loss of rays (n, 6) against targets (n, 4), premultiplied colour and alpha (below 0: unknown), and its gradient.

    jitter (n,): where in its first step a ray begins. Distortion is that of Barron 2022, equation 15, distances in lattice
    widths. Adds to gradient (chunks, rows, 16). Returns (chunks, 6): sums over rays of squared colour error, squared alpha
    error and distortion; gradient of the background's three colours where alpha is unknown.
    """
    chunks = gradient.shape[0]
    sums = np.zeros((chunks, 6), np.float64)
    for chunk in prange(chunks):
        scratch = _scratch(marched)
        for n in range(chunk * len(rays) // chunks, (chunk + 1) * len(rays) // chunks):
            _fit_ray(rays[n], targets[n], jitter[n], marched, loss, scratch, gradient[chunk], sums[chunk])
    return sums


@njit(cache=True, parallel=True, fastmath=_FAST)
def render_rays(rays, marched):  # type: ignore[no-untyped-def]
    """(n, 6) of rays (n, 6): premultiplied colour, opacity, distance at the mean and at the median, in cells; 0 where none."""
    made = np.zeros((len(rays), 6), np.float32)
    for chunk in prange((len(rays) + 1023) // 1024):
        scratch = _scratch(marched)
        _, _, values, samples = scratch
        for n in range(chunk * 1024, min(len(rays), (chunk + 1) * 1024)):
            count, light = _march(rays[n], 0.5, marched, scratch)
            out = made[n]
            for s in range(count):
                before, thickness = samples[s, 2], samples[s, 1]
                part = before * -math.expm1(np.float32(-thickness))
                for c in range(3):
                    out[c] += part * values[s, 1 + c]
                out[4] += part * samples[s, 0]
                if before >= 0.5 and before * math.exp(np.float32(-thickness)) < 0.5:
                    out[5] = samples[s, 0] + marched.step * (math.log(2 * before) / thickness - 0.5)
            out[3] = 1 - light
            out[4] /= max(out[3], 1e-10)
    return made


@njit(cache=True, parallel=True, fastmath=_FAST)
def greatest_light(rays, marched, light):  # type: ignore[no-untyped-def]
    """Raise light (chunks, rows) to the most light that any ray brings near a row: what none reaches is hidden.

    Thin samples are wanted here too (`marched.thinnest` 0): what is empty is seen.
    """
    chunks = light.shape[0]
    for chunk in prange(chunks):
        scratch = _scratch(marched)
        rows, _, _, samples = scratch
        for n in range(chunk * len(rays) // chunks, (chunk + 1) * len(rays) // chunks):
            count, _ = _march(rays[n], 0.5, marched, scratch)
            for s in range(count):
                for corner in range(8):
                    r = rows[s, corner]
                    light[chunk, r] = max(light[chunk, r], samples[s, 2])
