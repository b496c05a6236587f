"""Closed shapes whose signed distance (positive inside), Euler characteristic and volume are known."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from grotto.formats import Mesh
from grotto.meshes.surface import surface_of_grid

Field = Callable[[NDArray[np.float64]], NDArray[np.float64]]


def sphere(points: NDArray[np.float64]) -> NDArray[np.float64]:
    return 0.7 - np.linalg.norm(points, axis=-1)


def torus(points: NDArray[np.float64]) -> NDArray[np.float64]:
    return 0.25 - np.hypot(np.hypot(points[..., 0], points[..., 1]) - 0.6, points[..., 2])


def cube(points: NDArray[np.float64]) -> NDArray[np.float64]:
    over = np.abs(points) - 0.53
    return -(np.linalg.norm(np.maximum(over, 0), axis=-1) + np.minimum(over.max(axis=-1), 0))


def blobs(points: NDArray[np.float64]) -> NDArray[np.float64]:
    apart = np.array([0.45, 0.1, 0.05])
    return np.maximum(0.35 - np.linalg.norm(points - apart, axis=-1), 0.3 - np.linalg.norm(points + apart, axis=-1))


# field, Euler characteristic, volume
CLOSED: dict[str, tuple[Field, int, float]] = {
    "sphere": (sphere, 2, 4 / 3 * np.pi * 0.7**3),
    "torus": (torus, 0, 2 * np.pi**2 * 0.6 * 0.25**2),
    "cube": (cube, 2, 1.06**3),
    "blobs": (blobs, 4, 4 / 3 * np.pi * (0.35**3 + 0.3**3)),
}
LOWEST = np.full(3, -1.0)


def grid_points(count: int) -> NDArray[np.float64]:
    """(count, count, count, 3) from -1 to 1."""
    line = np.linspace(-1, 1, count)
    return np.stack(np.meshgrid(line, line, line, indexing="ij"), axis=-1)


def meshed(field: Field, count: int = 24) -> Mesh:
    return surface_of_grid(field(grid_points(count)), LOWEST, 2 / (count - 1), 0.0)


def volume(mesh: Mesh) -> float:
    corners = mesh.vertices.astype(np.float64)[mesh.faces]
    return float(np.linalg.det(corners).sum() / 6)
