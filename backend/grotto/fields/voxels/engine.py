"""Numba engine of the sparse voxel field: rays are marched, compared with pictures and differentiated in one pass.

A record is 16 float32: raw density, three colours, three first-order directional coefficients for each colour, three unused.
One corner of a cell is thus one cache line. Row 0 is empty space. Rays are cut into as many chunks as the gradient has
layers; a chunk is one thread's work, so no two threads write to the same place and sums do not depend on scheduling.
The tests compare it with plain torch.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import prange
from numpy.typing import NDArray

from ...render import compiled

Floats = NDArray[np.float32]
Scalar = float | np.float32
Vector = tuple[float, float, float]
Scratch = tuple[NDArray[np.int32], Floats, Floats, Floats]  # rows, weights, values, samples: see `_march`

CHANNELS = 16
BLOCK = 4  # cells along a side of the blocks in which empty space is skipped
THINNEST = 2e-3  # optical depth of a sample that still counts in a fit
LEAST_TRANSMITTANCE = 1e-3  # a ray ends when less than this is left


class Marched(NamedTuple):
    """A sparse grid as the kernels take it."""

    table: NDArray[np.float32]  # (rows, 16)
    nodes: NDArray[np.int32]  # (nx, ny, nz) row of each node
    blocks: NDArray[np.uint8]  # (bx, by, bz) 0: nothing in these cells
    step: float  # between samples, in cells
    shift: float  # added to raw density
    unit: float  # cells of the finest lattice, for which density is given, in one cell
    directional: bool  # colours vary with direction
    thinnest: float  # optical depth of a sample, below which it counts as empty


class LossWeights(NamedTuple):
    """Weights of the loss, and the colour behind a scene without alpha."""

    alpha: float
    distortion: float
    mean: float  # one over the number of rays
    red: float
    green: float
    blue: float


_FAST = {"contract", "reassoc", "nsz", "arcp"}  # not nnan: a fit that diverges must be seen


@compiled(fastmath=_FAST, inline="always")
def _near_far(origin: Vector, direction: Vector, counts: tuple[int, int, int]) -> tuple[float, float]:
    """Distances at which a ray enters and leaves the lattice, in cells.

    `scene.ray_box_distances` for one ray: inlined, since a call with arrays allocates for each ray.
    """
    near, far = 0.0, 1e30
    for o, d, n in (
        (origin[0], direction[0], counts[0]),
        (origin[1], direction[1], counts[1]),
        (origin[2], direction[2], counts[2]),
    ):
        if abs(d) < 1e-9:
            if o < 0 or o > n - 1:
                far = -1.0
        else:
            a, b = -o / d, (n - 1 - o) / d
            near, far = max(near, min(a, b)), min(far, max(a, b))
    return near, far


@compiled(fastmath=_FAST, inline="always")
def _softplus(x: Scalar) -> Scalar:
    return x if x > np.float32(15) else math.log1p(math.exp(np.float32(x)))


@compiled(fastmath=_FAST, inline="always")
def _logistic(x: Scalar) -> Scalar:
    return np.float32(1) / (np.float32(1) + math.exp(np.float32(-x)))


@compiled(inline="always")
def _scratch(marched: Marched) -> Scratch:
    """Buffers for the samples of the longest ray: rows (s, 8), weights (s, 8), records (s, 16) and (s, 4), see `_march`."""
    nx, ny, nz = marched.nodes.shape
    most = int(math.sqrt(float(nx * nx + ny * ny + nz * nz)) / marched.step) + 2
    return (
        np.empty((most, 8), np.int32),
        np.empty((most, 8), np.float32),
        np.empty((most, CHANNELS), np.float32),
        np.empty((most, 4), np.float32),
    )


@compiled(fastmath=_FAST)
def _march(ray: Floats, jitter: float, marched: Marched, scratch: Scratch) -> tuple[int, float]:
    """March one ray; returns the number of samples that are not empty and the transmittance behind the last one.

    ray (6,): origin in cells, unit direction. Fills rows (s, 8), weights (s, 8) trilinear, values (s, 16) blended records
    (colours already between 0 and 1) and samples (s, 4): distance in cells, optical depth, transmittance before it, raw density.
    """
    rows, weights, values, samples = scratch
    table, index, blocks, step = marched.table, marched.nodes, marched.blocks, marched.step
    nx, ny, nz = index.shape
    ox, oy, oz, dx, dy, dz = ray[0], ray[1], ray[2], ray[3], ray[4], ray[5]
    near, far = _near_far((ox, oy, oz), (dx, dy, dz), (nx, ny, nz))
    t = near + jitter * step
    transmittance = 1.0
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
        optical_depth = _softplus(raw + marched.shift) * step * marched.unit
        if optical_depth < marched.thinnest:
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
        s[0], s[1], s[2], s[3] = t, optical_depth, transmittance, raw
        transmittance *= math.exp(np.float32(-optical_depth))
        count += 1
        t += step
        if transmittance < LEAST_TRANSMITTANCE:
            break
    return count, transmittance


@compiled(fastmath=_FAST)
def _fit_ray(
    ray: Floats,
    target: Floats,
    jitter: float,
    marched: Marched,
    loss: LossWeights,
    scratch: Scratch,
    gradient: Floats,
    sums: NDArray[np.float64],
) -> None:
    """One ray of `fit_rays`: adds to gradient (rows, 16) and sums (6,). `to_x` is the gradient of the loss to x."""
    rows, weights, values, samples = scratch
    count, transmittance = _march(ray, jitter, marched, scratch)
    nx, ny, nz = marched.nodes.shape
    width = 1.0 / max(nx, ny, nz)
    sample_width = marched.step * width
    red, green, blue, total, moment = 0.0, 0.0, 0.0, 0.0, 0.0
    for s in range(count):
        weight = samples[s, 2] * -math.expm1(np.float32(-samples[s, 1]))
        red += weight * values[s, 1]
        green += weight * values[s, 2]
        blue += weight * values[s, 3]
        total += weight
        moment += weight * samples[s, 0] * width
    scene = target[3] < 0
    if scene:
        red, green, blue = red + transmittance * loss.red, green + transmittance * loss.green, blue + transmittance * loss.blue
    red, green, blue = red - target[0], green - target[1], blue - target[2]
    sums[0] += red * red + green * green + blue * blue
    red, green, blue = 2 * red * loss.mean, 2 * green * loss.mean, 2 * blue * loss.mean
    if scene:
        sums[3] += transmittance * red
        sums[4] += transmittance * green
        sums[5] += transmittance * blue
        to_opacity = -(red * loss.red + green * loss.green + blue * loss.blue)
    else:
        missing = (1 - transmittance) - target[3]
        sums[1] += missing * missing
        to_opacity = 2 * loss.alpha * loss.mean * missing
    behind, seen, seen_moment = 0.0, total, moment
    to_record = np.zeros(CHANNELS, np.float32)
    for s in range(count - 1, -1, -1):
        optical_depth, before = samples[s, 1], samples[s, 2]
        weight = before * -math.expm1(np.float32(-optical_depth))
        at = samples[s, 0] * width
        front, front_moment = seen - weight, seen_moment - weight * at
        spread = at * front - front_moment + (moment - seen_moment) - at * (total - seen)
        sums[2] += weight * spread + weight * weight * sample_width / 3
        v = values[s]
        to_weight = red * v[1] + green * v[2] + blue * v[3] + to_opacity
        to_weight += loss.distortion * loss.mean * (2 * spread + 2 * weight * sample_width / 3)
        to_depth = to_weight * before * math.exp(np.float32(-optical_depth)) - behind
        behind += to_weight * weight
        seen, seen_moment = front, front_moment
        to_record[0] = to_depth * _logistic(samples[s, 3] + marched.shift) * marched.step * marched.unit
        to_record[1] = red * weight * v[1] * (1 - v[1])
        to_record[2] = green * weight * v[2] * (1 - v[2])
        to_record[3] = blue * weight * v[3] * (1 - v[3])
        if marched.directional:
            for c in range(3):
                to_record[4 + 3 * c] = to_record[1 + c] * ray[3]
                to_record[5 + 3 * c] = to_record[1 + c] * ray[4]
                to_record[6 + 3 * c] = to_record[1 + c] * ray[5]
        for corner in range(8):
            row, share = gradient[rows[s, corner]], weights[s, corner]
            for c in range(CHANNELS):
                row[c] += share * to_record[c]


@compiled(parallel=True, fastmath=_FAST)
def fit_rays(
    rays: Floats, targets: Floats, jitter: Floats, marched: Marched, loss: LossWeights, gradient: Floats
) -> NDArray[np.float64]:
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


@compiled(parallel=True, fastmath=_FAST)
def render_rays(rays: Floats, marched: Marched) -> Floats:
    """(n, 6) of rays (n, 6): premultiplied colour, opacity, mean and median distance in cells; 0 where none."""
    made = np.zeros((len(rays), 6), np.float32)
    for chunk in prange((len(rays) + 1023) // 1024):
        scratch = _scratch(marched)
        _, _, values, samples = scratch
        for n in range(chunk * 1024, min(len(rays), (chunk + 1) * 1024)):
            count, transmittance = _march(rays[n], 0.5, marched, scratch)
            out = made[n]
            for s in range(count):
                before, optical_depth = samples[s, 2], samples[s, 1]
                weight = before * -math.expm1(np.float32(-optical_depth))
                for c in range(3):
                    out[c] += weight * values[s, 1 + c]
                out[4] += weight * samples[s, 0]
                if before >= 0.5 and before * math.exp(np.float32(-optical_depth)) < 0.5:
                    out[5] = samples[s, 0] + marched.step * (math.log(2 * before) / optical_depth - 0.5)
            out[3] = 1 - transmittance
            out[4] /= max(out[3], 1e-10)
    return made


@compiled(parallel=True, fastmath=_FAST)
def greatest_transmittance(rays: Floats, marched: Marched, transmittance: Floats) -> None:
    """Raise transmittance (chunks, rows) to the greatest of any ray near a row: rows that none reaches are hidden.

    Thin samples count too (`marched.thinnest` 0): empty cells are seen.
    """
    chunks = transmittance.shape[0]
    for chunk in prange(chunks):
        scratch = _scratch(marched)
        rows, _, _, samples = scratch
        for n in range(chunk * len(rays) // chunks, (chunk + 1) * len(rays) // chunks):
            count, _ = _march(rays[n], 0.5, marched, scratch)
            for s in range(count):
                for corner in range(8):
                    r = rows[s, corner]
                    transmittance[chunk, r] = max(transmittance[chunk, r], samples[s, 2])
