"""Visibility on the CPU: a z-buffer, compiled. The slow twin and the reasons are in `visibility_torch`."""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from ...scene import Camera


def visibility_numba(points: NDArray[np.float64], faces: NDArray[np.int64], camera: Camera, nearest: float) -> NDArray[np.int64]:
    """(height, width): the nearest face of each pixel, -1 where there is none. Arguments as in `visibility_torch`."""
    lens = (camera.focal_x, camera.focal_y, camera.centre_x, camera.centre_y)
    face = np.full((camera.height, camera.width), -1, np.int64)
    _draw(np.ascontiguousarray(points), np.ascontiguousarray(faces), lens, nearest, face)
    return face


@njit(cache=True, nogil=True, error_model="numpy")
def _draw(points, faces, lens, nearest, face):  # type: ignore[no-untyped-def]  # compiled
    height, width = face.shape
    focal_x, focal_y, centre_x, centre_y = lens
    depth = np.full((height, width), np.float32(np.inf), np.float32)
    e = np.empty((3, 3))
    for f in range(faces.shape[0]):
        a, b, c = faces[f, 0], faces[f, 1], faces[f, 2]
        left, right, top, bottom = _box(points, a, b, c, lens, nearest)
        first_column = max(0, math.ceil(min(max(left, -1.0), width + 1.0) - 0.5))
        last_column = min(width - 1, math.floor(min(max(right, -1.0), width + 1.0) - 0.5))
        first_row = max(0, math.ceil(min(max(top, -1.0), height + 1.0) - 0.5))
        last_row = min(height - 1, math.floor(min(max(bottom, -1.0), height + 1.0) - 0.5))
        if first_column > last_column or first_row > last_row:
            continue
        volume = _volume(points, a, b, c)
        if volume == 0.0:
            continue
        sign = 1.0 if volume > 0 else -1.0
        _edge(points, b, c, sign, e[0])
        _edge(points, c, a, sign, e[1])
        _edge(points, a, b, sign, e[2])
        volume = abs(volume)
        for row in range(first_row, last_row + 1):
            y = (row + 0.5 - centre_y) / focal_y
            for column in range(first_column, last_column + 1):
                x = (column + 0.5 - centre_x) / focal_x
                e0 = e[0, 0] * x + e[0, 1] * y + e[0, 2]
                e1 = e[1, 0] * x + e[1, 1] * y + e[1, 2]
                e2 = e[2, 0] * x + e[2, 1] * y + e[2, 2]
                if e0 >= 0.0 and e1 >= 0.0 and e2 >= 0.0:
                    z = volume / (e0 + e1 + e2)
                    if z > nearest and np.float32(z) < depth[row, column]:
                        depth[row, column] = np.float32(z)
                        face[row, column] = f


@njit(cache=True, nogil=True, error_model="numpy")
def _volume(points, a, b, c):  # type: ignore[no-untyped-def]
    ux, uy, uz = points[b, 0] - points[a, 0], points[b, 1] - points[a, 1], points[b, 2] - points[a, 2]
    vx, vy, vz = points[c, 0] - points[a, 0], points[c, 1] - points[a, 1], points[c, 2] - points[a, 2]
    return points[a, 0] * (uy * vz - uz * vy) + points[a, 1] * (uz * vx - ux * vz) + points[a, 2] * (ux * vy - uy * vx)


@njit(cache=True, nogil=True, error_model="numpy")
def _edge(points, p, q, sign, out):  # type: ignore[no-untyped-def]
    out[0] = sign * (points[p, 1] * points[q, 2] - points[p, 2] * points[q, 1])
    out[1] = sign * (points[p, 2] * points[q, 0] - points[p, 0] * points[q, 2])
    out[2] = sign * (points[p, 0] * points[q, 1] - points[p, 1] * points[q, 0])


@njit(cache=True, nogil=True, error_model="numpy")
def _box(points, a, b, c, lens, nearest):  # type: ignore[no-untyped-def]
    """Left, right, top, bottom in pixels of the part of a triangle in front of the near plane; empty: left > right."""
    left, right, top, bottom = math.inf, -math.inf, math.inf, -math.inf
    corners = (a, b, c)
    for i in range(3):
        p, q = corners[i], corners[(i + 1) % 3]
        pz, qz = points[p, 2], points[q, 2]
        if pz > nearest:
            x = lens[0] * points[p, 0] / pz + lens[2]
            y = lens[1] * points[p, 1] / pz + lens[3]
            left, right, top, bottom = min(left, x), max(right, x), min(top, y), max(bottom, y)
        if (pz > nearest) != (qz > nearest):
            part = (nearest - pz) / (qz - pz)
            z = pz + part * (qz - pz)
            x = lens[0] * (points[p, 0] + part * (points[q, 0] - points[p, 0])) / z + lens[2]
            y = lens[1] * (points[p, 1] + part * (points[q, 1] - points[p, 1])) / z + lens[3]
            left, right, top, bottom = min(left, x), max(right, x), min(top, y), max(bottom, y)
    return left, right, top, bottom
