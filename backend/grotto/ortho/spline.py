"""A smooth surface through scattered heights: the thin plate in discrete form, on a regular grid.

Minimises sum w (h(x, z) - y)^2 + stiffness * integral (h_xx^2 + 2 h_xz^2 + h_zz^2): the smoothing spline of Wahba,
Spline Models for Observational Data, 1990, section 2.4, with finite differences instead of radial functions, so that
the work grows with the area and not with the cube of the points. Between points it bends least; beyond them it goes on
straight. Both sums are robust: a point far off weighs nothing (Tukey's biweight), and a bend far stronger than the
usual, the edge of a pilaster, is not smoothed away (Cauchy's weight; Black and Anandan, 1996).
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
_EDGE = 8.0  # usual bends: what bends more is an edge
_TIE = 1e-8  # of the points' weight: keeps the system regular far from points
_MOST_TRUST = 4.0  # a point is never counted for more than so many usual ones


@dataclass(frozen=True)
class Stiffness:
    """How stiff the thin-plate surface is."""

    length: float  # units: detail smaller than this is smoothed away
    density: float  # median number of points per square unit


def trust_of(points: WallPoints) -> NDArray[np.float64]:
    """Weights (n,) by the points' own precision; the median point has 1."""
    return np.minimum((np.median(points.sigma) / np.maximum(points.sigma, 1e-300)) ** 2, _MOST_TRUST)


def fit(
    points: WallPoints,
    trust: NDArray[np.float64],
    grid: RasterGrid,
    plate: Stiffness,
    start: NDArray[np.float64] | None = None,
    rounds: int = 4,
) -> NDArray[np.float64]:
    """Heights y (height, width) of the plate over the grid. `trust` (n,) are the points' weights.

    `start` (height, width): its residuals weight the first round, and its values are kept where there are no points.
    """
    shape = (grid.height, grid.width)
    hold = np.full(shape, float(np.median(points.y)) if len(points) else 0.0) if start is None else start
    sample = bilinear(grid, points.x, points.z)
    bend = bending(grid.width, grid.height)
    stiffness = plate.density * plate.length**4 / grid.pixel**2
    tie = _TIE * max(plate.density * grid.pixel**2, 1e-3)
    values = hold.ravel()
    data_weight, bend_weight = trust, np.ones(bend.shape[0])
    if start is not None:
        data_weight, bend_weight = _weights(points, trust, sample, bend, values)
    for _ in range(rounds):
        system = sample.T @ sparse.diags(data_weight) @ sample + bend.T @ sparse.diags(stiffness * bend_weight) @ bend
        system = (system + sparse.eye(len(values)) * tie).tocsc()
        solver = linalg.splu(system, permc_spec="MMD_AT_PLUS_A", diag_pivot_thresh=0.0, options={"SymmetricMode": True})
        values = solver.solve(sample.T @ (data_weight * points.y) + tie * hold.ravel())
        data_weight, bend_weight = _weights(points, trust, sample, bend, values)
    return values.reshape(shape)


def _weights(
    points: WallPoints,
    trust: NDArray[np.float64],
    sample: sparse.csr_matrix,
    bend: sparse.csr_matrix,
    values: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The next round's weights of points and of bends, from how well they agree with the surface."""
    bends = np.abs(bend @ values)
    usual_bend = float(np.median(bends[bends > 1e-12])) if (bends > 1e-12).any() else 1.0
    bend_weight = 1.0 / (1.0 + (bends / (_EDGE * usual_bend)) ** 2)
    if not len(points):
        return trust, bend_weight
    residual = np.abs(points.y - sample @ values) * np.sqrt(trust)
    sigma = max(_MAD_TO_SIGMA * float(np.median(residual)), 1e-12)
    return trust * np.clip(1.0 - (residual / (_TUKEY * sigma)) ** 2, 0.0, None) ** 2, bend_weight


def bilinear(grid: RasterGrid, x: NDArray[np.float64], z: NDArray[np.float64]) -> sparse.csr_matrix:
    """The matrix (n, height * width) that takes grid values to places (x, z), bilinear, held at the border."""
    column = np.clip((x - grid.x_min) / grid.pixel - 0.5, 0, grid.width - 1)
    row = np.clip((grid.z_max - z) / grid.pixel - 0.5, 0, grid.height - 1)
    left, top = column.astype(np.int64), row.astype(np.int64)
    a, b = column - left, row - top
    right, bottom = np.minimum(left + 1, grid.width - 1), np.minimum(top + 1, grid.height - 1)
    columns = np.stack(
        [top * grid.width + left, top * grid.width + right, bottom * grid.width + left, bottom * grid.width + right]
    )
    values = np.stack([(1 - a) * (1 - b), a * (1 - b), (1 - a) * b, a * b])
    rows = np.tile(np.arange(len(x)), (4, 1))
    return sparse.csr_matrix((values.ravel(), (rows.ravel(), columns.ravel())), (len(x), grid.width * grid.height))


def bending(width: int, height: int) -> sparse.csr_matrix:
    """All second differences of a grid, as rows: along x, mixed (times sqrt 2), along z. Step 1."""
    mixed = np.sqrt(2.0) * sparse.kron(_difference(height, 1), _difference(width, 1))
    along_x = sparse.kron(sparse.eye(height), _difference(width, 2))
    along_z = sparse.kron(_difference(height, 2), sparse.eye(width))
    return sparse.vstack([along_x, mixed, along_z]).tocsr()


def _difference(count: int, order: int) -> sparse.csr_matrix:
    """First or second differences of `count` values: (count - order, count)."""
    rows = max(count - order, 0)
    coefficients = [-1.0, 1.0] if order == 1 else [1.0, -2.0, 1.0]
    return sparse.diags([np.full(rows, value) for value in coefficients], range(order + 1), shape=(rows, count)).tocsr()
