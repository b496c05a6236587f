"""A smooth surface through scattered heights: the thin plate in discrete form, on a regular grid.

Minimises sum w (h(x, z) - y)^2 + stiffness * integral (h_xx^2 + 2 h_xz^2 + h_zz^2): the smoothing spline of Wahba,
Spline Models for Observational Data, 1990, section 2.4, with finite differences instead of radial functions, so that
the work grows with the area and not with the cube of the points. Between points it bends least; beyond them it goes on
straight.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse import linalg

from ..formats import RasterGrid
from .points import WallPoints

_TUKEY = 4.685  # standard: 95 % efficiency for normal errors
_MAD_TO_SIGMA = 1.4826
_TIE = 1e-9  # of the data's weight: keeps the system regular where fewer than three points lie


@dataclass(frozen=True)
class Fit:
    """Heights (height, width) in units of y, and the points' weights (n,), 0 for those found wrong."""

    y: NDArray[np.float64]
    weights: NDArray[np.float64]
    sigma_px: float  # spread of residuals, as a multiple of the points' own sigma


def bilinear(grid: RasterGrid, x: NDArray[np.float64], z: NDArray[np.float64]) -> sparse.csr_matrix:
    """The matrix (n, height * width) that takes grid values to places (x, z), bilinear, held at the border."""
    column = np.clip((x - grid.x_min) / grid.pixel - 0.5, 0, grid.width - 1)
    row = np.clip((grid.z_max - z) / grid.pixel - 0.5, 0, grid.height - 1)
    left = np.minimum(column.astype(np.int64), max(grid.width - 2, 0))
    top = np.minimum(row.astype(np.int64), max(grid.height - 2, 0))
    a, b = column - left, row - top
    right, bottom = np.minimum(left + 1, grid.width - 1), np.minimum(top + 1, grid.height - 1)
    columns = np.stack(
        [top * grid.width + left, top * grid.width + right, bottom * grid.width + left, bottom * grid.width + right]
    )
    values = np.stack([(1 - a) * (1 - b), a * (1 - b), (1 - a) * b, a * b])
    rows = np.tile(np.arange(len(x)), (4, 1))
    return sparse.csr_matrix((values.ravel(), (rows.ravel(), columns.ravel())), (len(x), grid.width * grid.height))


def bending(width: int, height: int) -> sparse.csc_matrix:
    """The matrix of the thin plate's energy on a grid whose step is one: sum of squared second differences."""
    second_x, second_z = _second(width), _second(height)
    mixed = sparse.kron(_first(height), _first(width))
    parts = [sparse.kron(sparse.eye(height), second_x), np.sqrt(2.0) * mixed, sparse.kron(second_z, sparse.eye(width))]
    stacked = sparse.vstack(parts)
    return (stacked.T @ stacked).tocsc()


def _first(count: int) -> sparse.csr_matrix:
    return sparse.diags([-np.ones(count - 1), np.ones(count - 1)], [0, 1], shape=(max(count - 1, 0), count)).tocsr()


def _second(count: int) -> sparse.csr_matrix:
    inner = max(count - 2, 0)
    return sparse.diags([np.ones(inner), -2 * np.ones(inner), np.ones(inner)], [0, 1, 2], shape=(inner, count)).tocsr()


def fit(points: WallPoints, grid: RasterGrid, length: float, rounds: int = 3) -> Fit:
    """Fit the plate. `length` in units is the size of detail that is smoothed away; `rounds` of Tukey's biweight.

    Every point weighs by its own sigma, relative to the usual one, and by how well it agrees with the surface.
    """
    trust = 1.0 / np.maximum((points.sigma / np.median(points.sigma)) ** 2, 0.25)
    sample = bilinear(grid, points.x, points.z)
    # Weight per grid cell that balances the plate at the wavelength asked for.
    area = max(np.ptp(points.x) * np.ptp(points.z), grid.pixel**2)
    density = trust.sum() / area * grid.pixel**2
    plate = bending(grid.width, grid.height) * (density * (length / grid.pixel) ** 4)
    plate = plate + sparse.eye(plate.shape[0]) * (_TIE * density)
    weights, sigma = trust, 1.0
    values = np.zeros(grid.width * grid.height)
    middle = float(np.median(points.y))
    for _ in range(max(rounds, 1)):
        system = (sample.T @ sparse.diags(weights) @ sample + plate).tocsc()
        solve = linalg.splu(system, permc_spec="MMD_AT_PLUS_A", diag_pivot_thresh=0.0, options={"SymmetricMode": True})
        values = solve.solve(sample.T @ (weights * (points.y - middle)))
        residual = (points.y - middle - sample @ values) * np.sqrt(trust)
        sigma = max(_MAD_TO_SIGMA * float(np.median(np.abs(residual))), 1e-12)
        weights = trust * np.clip(1.0 - (residual / (_TUKEY * sigma)) ** 2, 0.0, None) ** 2
    usual = float(np.median(points.sigma))
    return Fit(values.reshape(grid.height, grid.width) + middle, weights, sigma / usual)
