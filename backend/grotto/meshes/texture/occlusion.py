"""Ambient occlusion: which part of all light reaches a place on a mesh, by rays."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ...scene import RayCaster

_OFF = 1e-4  # of the mesh's diagonal: rays start that far off the surface, and do not meet it at once
_AT_ONCE = 1 << 14  # vertices


def vertex_occlusion(
    vertices: NDArray[np.floating],
    faces: NDArray[np.integer],
    normals: NDArray[np.floating],
    *,
    rays: int = 64,
    reach: float = 0.25,
) -> NDArray[np.float32]:
    """(n,) the part of light from all sides, 0 to 1, that reaches each vertex: weighted by the cosine, as matt surfaces have it.

    `normals` (n, 3) are of unit length. What lies farther away than `reach`, in parts of the mesh's diagonal, takes no light.
    Each vertex turns the same directions by another angle, so equal meshes have equal values.
    """
    places = np.asarray(vertices, np.float64)
    diagonal = float(np.linalg.norm(np.ptp(places, axis=0)))
    caster = RayCaster(places, faces)
    local = _cosine_directions(rays)
    clear = np.ones(len(places), np.float32)
    for start in range(0, len(places), _AT_ONCE):
        part = slice(start, start + _AT_ONCE)
        out = np.asarray(normals[part], np.float64)
        across, along = _frames(out, np.arange(start, start + len(out)))
        directions = (
            local[None, :, 0, None] * across[:, None]
            + local[None, :, 1, None] * along[:, None]
            + local[None, :, 2, None] * out[:, None]
        )
        origins = np.repeat(places[part] + _OFF * diagonal * out, rays, axis=0)
        hits = caster.first(origins, directions.reshape(-1, 3))
        blocked = (hits.face >= 0) & (hits.distance < reach * diagonal)
        clear[part] = 1 - blocked.reshape(-1, rays).mean(1)
    return clear


def _cosine_directions(count: int) -> NDArray[np.float64]:
    """(count, 3) directions about z, as dense as the cosine: points of a sunflower on the disc, lifted (Malley's method)."""
    number = np.arange(count)
    radius = np.sqrt((number + 0.5) / count)
    angle = number * np.pi * (3 - np.sqrt(5))
    return np.stack([radius * np.cos(angle), radius * np.sin(angle), np.sqrt(1 - radius**2)], axis=1)


def _frames(normals: NDArray[np.float64], number: NDArray[np.int64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Two directions across each normal, turned by the vertex's number: without, few rays would band."""
    helper = np.where(np.abs(normals[:, :1]) < 0.9, [[1.0, 0.0, 0.0]], [[0.0, 1.0, 0.0]])
    first = np.cross(normals, helper)
    first /= np.maximum(np.linalg.norm(first, axis=1, keepdims=True), 1e-12)
    second = np.cross(normals, first)
    angle = (number * 0.618034 % 1.0) * 2 * np.pi
    cosine, sine = np.cos(angle)[:, None], np.sin(angle)[:, None]
    return cosine * first + sine * second, cosine * second - sine * first
