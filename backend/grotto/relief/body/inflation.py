"""Inflate an outline: Poisson's equation with the outline held at zero, so that a disc becomes a hemisphere."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array
from scipy.sparse.linalg import spsolve

from ..outline import Triangulated


@dataclass(frozen=True, kw_only=True)
class Heights:
    """A height field over a triangulated figure, linear within triangles."""

    over: Triangulated
    values: NDArray[np.float64]  # (n,) px, at the points

    def at(self, places: NDArray[np.float64]) -> NDArray[np.float64]:
        """Heights (k,) at places (k, 2), linear within triangles; 0 outside of the figure."""
        cell, weights = self.over.locator.locate(places)
        corners = self.over.delaunay.simplices[np.maximum(cell, 0)]
        return np.where((cell >= 0) & self.over.within[cell], (weights * self.values[corners]).sum(1), 0.0)


def inflate(figure: Triangulated) -> NDArray[np.float64]:
    """Heights (n,) in px of a figure's points: the root of u with a Laplacian of -4 inside and 0 on the rim.

    A disc of radius r has u = r^2 - distance^2, which is a hemisphere; a long band of width w a low vault of height w / sqrt 2.
    Solved on the figure's own triangles (linear finite elements), so the rim is exact, without pixel stairs.
    """
    stiffness, mass = laplacian(figure.points, figure.faces)
    free = np.flatnonzero(~figure.on_rim & (mass > 0))  # points in no triangle have no height
    heights = np.zeros(len(figure.points))
    if len(free):
        inner = stiffness[free][:, free].tocsc()
        heights[free] = np.sqrt(np.maximum(spsolve(inner, 4 * mass[free]), 0))
    return heights


def laplacian(points: NDArray[np.float64], faces: NDArray[np.int64]) -> tuple[csr_array, NDArray[np.float64]]:
    """Cotangent Laplacian (n, n), positive semi-definite, and the lumped mass (n,) of each point, px squared."""
    count = len(points)
    corners = points[faces]
    rows, columns, values = [], [], []
    area = np.zeros(len(faces))
    for turn in range(3):
        at, one, other = turn, (turn + 1) % 3, (turn + 2) % 3
        first, second = corners[:, one] - corners[:, at], corners[:, other] - corners[:, at]
        double = np.abs(first[:, 0] * second[:, 1] - first[:, 1] * second[:, 0])
        half_cotangent = 0.5 * (first * second).sum(1) / np.maximum(double, 1e-12)
        area = 0.5 * double
        rows += [faces[:, one], faces[:, other]]
        columns += [faces[:, other], faces[:, one]]
        values += [-half_cotangent, -half_cotangent]
    row, column, value = (np.concatenate(part) for part in (rows, columns, values))
    off = coo_array((value, (row, column)), shape=(count, count)).tocsr()
    whole = off - coo_array((np.asarray(off.sum(1)).reshape(-1), (np.arange(count), np.arange(count)))).tocsr()
    mass = np.bincount(faces.reshape(-1), np.repeat(area / 3, 3), minlength=count)
    return whole, np.asarray(mass, np.float64)
