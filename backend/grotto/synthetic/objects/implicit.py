"""Solids as signed distances: negative inside. Functions of points (n, 3) that return distances (n,), in float32."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]
Solid: TypeAlias = Callable[[Array], Array]
Point: TypeAlias = tuple[float, float, float] | NDArray[np.floating]


def ellipsoid(centre: Point, radii: tuple[float, float, float]) -> Solid:
    """An ellipsoid; its distance is a first-order one, exact at the surface."""
    middle, size = np.asarray(centre, np.float32), np.asarray(radii, np.float32)

    def distance(points: Array) -> Array:
        scaled = (points - middle) / size
        outward = np.linalg.norm(scaled, axis=1)
        slope = np.linalg.norm(scaled / size, axis=1)
        return np.asarray(outward * (outward - 1) / np.maximum(slope, 1e-6), np.float32)

    return distance


def limb(start: Point, end: Point, start_radius: float, end_radius: float) -> Solid:
    """A round cone between two balls, its distance to first order where the radii differ."""
    a, axis = np.asarray(start, np.float32), np.asarray(end, np.float32) - np.asarray(start, np.float32)
    squared = float(axis @ axis)

    def distance(points: Array) -> Array:
        offset = points - a
        along = np.clip(offset @ axis / np.float32(squared), 0, 1)
        nearest = np.linalg.norm(offset - along[:, None] * axis, axis=1)
        return np.asarray(nearest - (start_radius + (end_radius - start_radius) * along), np.float32)

    return distance


def tube(path: NDArray[np.floating], radii: NDArray[np.floating]) -> Solid:
    """A tube along a smooth path (n, 3) with a radius (n,) at each point; the path is dense beside its radii."""
    from scipy.spatial import KDTree

    tree, thickness = KDTree(path), np.asarray(radii, np.float32)

    def distance(points: Array) -> Array:
        near, index = tree.query(points)
        return np.asarray(near - thickness[index], np.float32)

    return distance


def union(solids: Sequence[Solid], blend: float = 0.0) -> Solid:
    """Solids joined, with a fillet about as wide as `blend`.

    The fillet is the quadratic smooth minimum, as Quilez describes it ("smooth minimum", polynomial form).
    """

    def distance(points: Array) -> Array:
        result = solids[0](points)
        for solid in solids[1:]:
            other = solid(points)
            lower = np.minimum(result, other)
            if blend:
                overlap = np.maximum(np.float32(blend) - np.abs(result - other), 0)
                lower = lower - overlap * overlap / np.float32(4 * blend)
            result = lower
        return result

    return distance


def gradient(solid: Solid, points: Array, step: float = 2e-3) -> Array:
    """Unit normals (n, 3) of the level through each point, by central differences over a tetrahedron's corners."""
    corners = np.array([[1, -1, -1], [-1, -1, 1], [-1, 1, -1], [1, 1, 1]], np.float32)
    slope = np.zeros_like(points)
    for corner in corners:
        slope += corner * solid(points + np.float32(step) * corner)[:, None]
    return np.asarray(slope / np.maximum(np.linalg.norm(slope, axis=1, keepdims=True), 1e-12), np.float32)
