"""The nearest place on a mesh for each of many points, and what the mesh's vertices carry there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit, prange
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from ...formats import Mesh

_CANDIDATES = 12  # faces by nearest middle; with faces of very different size the nearest face may be missed
_AT_ONCE = 1 << 16


@dataclass(frozen=True)
class Nearest:
    """Places on a mesh: face (n,), weights of its corners (n, 3), distance (n,)."""

    face: NDArray[np.int64]
    barycentric: NDArray[np.float64]
    distance: NDArray[np.float64]

    def interpolated(self, faces: NDArray[np.integer], values: NDArray[np.floating]) -> NDArray[np.float32]:
        """(n,) or (n, c): what the vertices' `values` (v,) or (v, c) are at these places."""
        corners = values[faces[self.face]]
        weights = self.barycentric if values.ndim == 1 else self.barycentric[..., None]
        return np.asarray((corners * weights).sum(axis=1), np.float32)


def nearest_on_mesh(mesh: Mesh, points: NDArray[np.floating]) -> Nearest:
    """The nearest place on `mesh` to each of `points` (n, 3), among the faces that have the nearest middles.

    Exact where faces are about as large as their neighbours. The candidates also hold the faces around the nearest vertex,
    so that a vertex of the mesh finds itself.
    """
    vertices = np.ascontiguousarray(mesh.vertices, np.float64)
    faces = np.ascontiguousarray(mesh.faces, np.int64)
    middles = cKDTree(vertices[faces].mean(axis=1))
    some_face = np.zeros(len(vertices), np.int64)
    some_face[faces.reshape(-1)] = np.repeat(np.arange(len(faces)), 3)
    used = np.unique(faces)
    ends = cKDTree(vertices[used])
    wanted = np.ascontiguousarray(points, np.float64)
    face, barycentric, distance = np.zeros(len(wanted), np.int64), np.zeros((len(wanted), 3)), np.zeros(len(wanted))
    number = min(_CANDIDATES, len(faces))
    for start in range(0, len(wanted), _AT_ONCE):
        part = slice(start, start + _AT_ONCE)
        near = np.asarray(middles.query(wanted[part], k=number)[1], np.int64).reshape(-1, number)
        touching = some_face[used[ends.query(wanted[part])[1]]]
        candidates = np.concatenate([near, touching[:, None]], axis=1)
        _closest(vertices, faces, wanted[part], candidates, face[part], barycentric[part], distance[part])
    return Nearest(face, barycentric, np.sqrt(distance))


@njit(cache=True)
def _closest_of_triangle(
    point: NDArray[np.float64], a: NDArray[np.float64], b: NDArray[np.float64], c: NDArray[np.float64]
) -> tuple[float, float, float]:
    """Weights of a triangle's corners at its nearest place (Ericson 2005, Real-Time Collision Detection, 5.1.5).

    A triangle without area may answer with one of its corners: its neighbours hold the rest.
    """
    d1 = d2 = d3 = d4 = d5 = d6 = 0.0
    for axis in range(3):
        ab, ac = b[axis] - a[axis], c[axis] - a[axis]
        d1 += ab * (point[axis] - a[axis])
        d2 += ac * (point[axis] - a[axis])
        d3 += ab * (point[axis] - b[axis])
        d4 += ac * (point[axis] - b[axis])
        d5 += ab * (point[axis] - c[axis])
        d6 += ac * (point[axis] - c[axis])
    if d1 <= 0.0 and d2 <= 0.0:
        return 1.0, 0.0, 0.0
    if d3 >= 0.0 and d4 <= d3:
        return 0.0, 1.0, 0.0
    if d6 >= 0.0 and d5 <= d6:
        return 0.0, 0.0, 1.0
    vc = d1 * d4 - d3 * d2
    if vc <= 0.0 and d1 >= 0.0 and d3 <= 0.0:
        t = d1 / (d1 - d3) if d1 > d3 else 0.0
        return 1.0 - t, t, 0.0
    vb = d5 * d2 - d1 * d6
    if vb <= 0.0 and d2 >= 0.0 and d6 <= 0.0:
        t = d2 / (d2 - d6) if d2 > d6 else 0.0
        return 1.0 - t, 0.0, t
    va = d3 * d6 - d5 * d4
    if va <= 0.0 and (d4 - d3) >= 0.0 and (d5 - d6) >= 0.0:
        along = (d4 - d3) + (d5 - d6)
        t = (d4 - d3) / along if along > 0.0 else 0.0
        return 0.0, 1.0 - t, t
    total = va + vb + vc
    if total <= 0.0:
        return 1.0, 0.0, 0.0
    return va / total, vb / total, vc / total


@njit(cache=True, parallel=True)
def _closest(
    vertices: NDArray[np.float64],
    faces: NDArray[np.int64],
    points: NDArray[np.float64],
    candidates: NDArray[np.int64],
    face: NDArray[np.int64],
    barycentric: NDArray[np.float64],
    squared: NDArray[np.float64],
) -> None:
    for row in prange(len(points)):
        squared[row] = np.inf
        for column in range(candidates.shape[1]):
            one = candidates[row, column]
            a, b, c = vertices[faces[one, 0]], vertices[faces[one, 1]], vertices[faces[one, 2]]
            u, v, w = _closest_of_triangle(points[row], a, b, c)
            total = 0.0
            for axis in range(3):
                total += (u * a[axis] + v * b[axis] + w * c[axis] - points[row, axis]) ** 2
            if total < squared[row]:
                squared[row] = total
                face[row] = one
                barycentric[row, 0], barycentric[row, 1], barycentric[row, 2] = u, v, w
