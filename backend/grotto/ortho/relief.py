"""The relief of a whole wall, however large: one coarse surface, then fine ones block by block."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ..formats import RasterGrid
from .points import WallPoints
from .spline import Stiffness, bilinear, fit, trust_of

_LENGTHS = (0.8, 1.2, 1.8, 2.7, 4.0)  # in point spacings, to choose from
_USUAL_LENGTH = 1.2
_STEP = 1.5  # of the grid, in point spacings: finer adds no accuracy
_PATCH_POINTS = 3000
_PATCHES = 5
_LEFT_OUT = 5  # every fifth cell's points are left out to validate the surface of the others
_CELL = 2.0  # spacings: points closer together often come from one feature and err alike


@dataclass(frozen=True, kw_only=True)
class Blocks:
    """How a large relief is divided, in samples."""

    at_once: int = 120_000  # solved in one go; a larger grid is solved block by block, from a coarse whole
    side: int = 256
    halo: int = 48  # by which blocks reach into their neighbours


def height_step(points: WallPoints) -> float:
    """The step of a height map that follows the points, in units."""
    return _STEP * points.spacing


def choose_length(points: WallPoints) -> float:
    """The smoothing, in units, whose surface best predicts points that were left out.

    Judged on patches spread over the wall; noisy points ask for more, clean ones for less.
    """
    spacing = points.spacing
    side = spacing * math.sqrt(_PATCH_POINTS)
    random = np.random.default_rng(0)
    trust = trust_of(points)
    misfit = np.zeros(len(_LENGTHS))
    judged = 0
    for centre in random.choice(len(points), min(_PATCHES, len(points)), replace=False):
        inside = np.nonzero(np.maximum(np.abs(points.x - points.x[centre]), np.abs(points.z - points.z[centre])) < side / 2)[0]
        if len(inside) < 20 * _LEFT_OUT:
            continue
        left_out = _scattered_cells(points.x[inside], points.z[inside], _CELL * spacing, random)
        test, known = inside[left_out], inside[~left_out]
        grid = _grid_over(points.select(inside), _STEP * spacing)
        sample = bilinear(grid, points.x[test], points.z[test])
        for index, length in enumerate(_LENGTHS):
            surface = fit(points.select(known), trust[known], grid, Stiffness(length * spacing, 1.0 / spacing**2), rounds=2)
            misfit[index] += np.median(np.abs(points.y[test] - sample @ surface.ravel()) * np.sqrt(trust[test]))
        judged += 1
    return (_LENGTHS[int(np.argmin(misfit))] if judged else _USUAL_LENGTH) * spacing


def fit_relief(
    points: WallPoints,
    grid: RasterGrid,
    length: float,
    report_part: Callable[[float, str], None],
    division: Blocks = Blocks(),
) -> NDArray[np.float32]:
    """Heights y (height, width) over the grid, in units. `report_part(fraction, message)` may raise to cancel."""
    trust = trust_of(points)
    plate = Stiffness(length, 1.0 / points.spacing**2)
    if grid.width * grid.height <= division.at_once:
        return fit(points, trust, grid, plate).astype(np.float32)
    factor = math.sqrt(grid.width * grid.height / division.at_once)
    coarse_grid = RasterGrid(
        x_min=grid.x_min,
        z_max=grid.z_max,
        pixel=grid.pixel * factor,
        width=max(2, math.ceil(grid.width / factor)),
        height=max(2, math.ceil(grid.height / factor)),
    )
    coarse = fit(points, trust, coarse_grid, plate).astype(np.float32)
    total = np.zeros((grid.height, grid.width), np.float32)
    weight = np.zeros_like(total)
    blocks = list(_blocks(grid, division))
    for done, (rows, columns) in enumerate(blocks):
        report_part(0.3 + 0.7 * done / len(blocks), f"fitting relief, block {done + 1} of {len(blocks)}")
        part = RasterGrid(
            x_min=grid.x_min + columns.start * grid.pixel,
            z_max=grid.z_max - rows.start * grid.pixel,
            pixel=grid.pixel,
            width=columns.stop - columns.start,
            height=rows.stop - rows.start,
        )
        start = _resampled(coarse, coarse_grid, part)
        x_max, z_min = part.x_min + part.width * part.pixel, part.z_max - part.height * part.pixel
        inside = (points.x >= part.x_min) & (points.x <= x_max) & (points.z >= z_min) & (points.z <= part.z_max)
        fine = fit(points.select(inside), trust[inside], part, plate, start, rounds=2)
        share = np.minimum(
            _ramp(rows, grid.height, division.halo)[:, None], _ramp(columns, grid.width, division.halo)[None, :]
        ).astype(np.float32)
        total[rows, columns] += share * fine.astype(np.float32)
        weight[rows, columns] += share
    return total / weight


def _scattered_cells(
    x: NDArray[np.float64], z: NDArray[np.float64], side: float, random: np.random.Generator
) -> NDArray[np.bool_]:
    """Which of the places (n,) lie in a random fifth of the cells of a square pattern."""
    cells = np.stack([np.floor(x / side), np.floor(z / side)], axis=1)
    _, cell = np.unique(cells, axis=0, return_inverse=True)
    chosen = random.random(int(cell.max()) + 1) < 1.0 / _LEFT_OUT
    return chosen[cell.ravel()]


def _grid_over(points: WallPoints, step: float) -> RasterGrid:
    width, height = (max(2, math.ceil(np.ptp(values) / step)) for values in (points.x, points.z))
    return RasterGrid(x_min=float(points.x.min()), z_max=float(points.z.max()), pixel=step, width=width, height=height)


def _blocks(grid: RasterGrid, division: Blocks) -> Iterator[tuple[slice, slice]]:
    """Blocks of samples (rows, columns) with a halo all round that overlaps their neighbours."""
    side, halo = division.side, division.halo
    for top in range(0, grid.height, side):
        for left in range(0, grid.width, side):
            yield (
                slice(max(0, top - halo), min(grid.height, top + side + halo)),
                slice(max(0, left - halo), min(grid.width, left + side + halo)),
            )


def _ramp(span: slice, count: int, halo: int) -> NDArray[np.float64]:
    """Weights along a block: 1 inside, falling over the halo; next to nothing where the halo ends and its surface is loose."""
    place = np.arange(span.start, span.stop)
    from_start = place - span.start + 0.5 if span.start > 0 else np.full(len(place), np.inf)
    from_stop = span.stop - place - 0.5 if span.stop < count else np.full(len(place), np.inf)
    return np.clip((np.minimum(from_start, from_stop) - halo / 2) / halo, 1e-6, 1.0)


def _resampled(values: NDArray[np.float32], grid: RasterGrid, part: RasterGrid) -> NDArray[np.float64]:
    """The coarse surface at the samples of a part of the fine grid, bicubic."""
    column = ((part.x_centres() - grid.x_min) / grid.pixel - 0.5).astype(np.float32)
    row = ((grid.z_max - part.z_centres()) / grid.pixel - 0.5).astype(np.float32)
    left, top = max(int(column[0]) - 4, 0), max(int(row[0]) - 4, 0)
    near = np.ascontiguousarray(values[top : int(row[-1]) + 5, left : int(column[-1]) + 5])
    columns, rows = np.meshgrid(column - left, row - top)
    return cv2.remap(near, columns, rows, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE).astype(np.float64)
