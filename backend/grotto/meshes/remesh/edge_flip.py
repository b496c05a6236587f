"""Flipping edges of a mesh so that its triangles are better shaped, where that does not change the surface.

An edge goes where the two angles opposite to it are together more than a half turn (Delaunay's condition), and its two
faces are nearly in one plane.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..topology import edge_keys, half_edges, mates

_ROUNDS = 8
_PLANE = 0.98  # cosine between the two faces: about 11 degrees


def flip_edges(vertices: NDArray[np.floating], faces: NDArray[np.integer]) -> NDArray[np.int64]:
    """The faces (m, 3) after flips; vertices stay."""
    wide = faces.astype(np.int64).copy()
    places = vertices.astype(np.float64)
    for _ in range(_ROUNDS):
        if not _round(places, wide):
            break
    return wide


def _round(vertices: NDArray[np.float64], faces: NDArray[np.int64]) -> bool:
    """Flip, in place, edges that share no face."""
    mate = mates(faces)
    side = np.nonzero(mate > np.arange(len(mate)))[0]
    start, end, here, there = _diamond(faces, side, mate[side])
    gain = _angle(vertices, here, start, end) + _angle(vertices, there, start, end) - np.pi
    known = edge_keys(half_edges(faces))
    most = int(faces.max(initial=0)) + 1
    new = np.minimum(here, there) * most + np.maximum(here, there)
    old_one, old_two = _normal(vertices, start, end, here), _normal(vertices, end, start, there)
    new_one, new_two = _normal(vertices, here, there, end), _normal(vertices, there, here, start)
    flat = (old_one * old_two).sum(1) > _PLANE
    flat &= ((new_one * old_one).sum(1) > _PLANE) & ((new_two * old_one).sum(1) > _PLANE)
    good = np.nonzero((gain > 1e-3) & flat & (here != there) & ~np.isin(new, known))[0]
    if not len(good):
        return False
    rank = np.empty(len(good), np.int64)
    rank[np.argsort(-gain[good], kind="stable")] = np.arange(len(good))
    least = np.full(len(faces), len(good), np.int64)
    touched = np.stack([side[good] // 3, mate[side[good]] // 3], 1)
    np.minimum.at(least, touched.reshape(-1), np.repeat(rank, 2))
    free = (least[touched[:, 0]] == rank) & (least[touched[:, 1]] == rank)
    good, touched = good[free], touched[free]
    # Two flips in one round may make the same new edge; only the first may.
    _, unique = np.unique(new[good], return_index=True)
    good, touched = good[unique], touched[unique]
    faces[touched[:, 0]] = np.stack([here[good], there[good], end[good]], 1)
    faces[touched[:, 1]] = np.stack([there[good], here[good], start[good]], 1)
    return True


def _diamond(faces: NDArray[np.int64], side: NDArray[np.int64], mate: NDArray[np.int64]) -> tuple[NDArray[np.int64], ...]:
    """Start and end of the edges, and the corners opposite to them in either face."""
    face, corner = side // 3, side % 3
    start, end, here = (faces[face, (corner + i) % 3] for i in range(3))
    return start, end, here, faces[mate // 3, (mate % 3 + 2) % 3]


def _angle(
    vertices: NDArray[np.float64], at: NDArray[np.int64], one: NDArray[np.int64], two: NDArray[np.int64]
) -> NDArray[np.float64]:
    a, b = vertices[one] - vertices[at], vertices[two] - vertices[at]
    return np.arctan2(np.linalg.norm(np.cross(a, b), axis=1), (a * b).sum(1))


def _normal(
    vertices: NDArray[np.float64], a: NDArray[np.int64], b: NDArray[np.int64], c: NDArray[np.int64]
) -> NDArray[np.float64]:
    normal = np.cross(vertices[b] - vertices[a], vertices[c] - vertices[a])
    return normal / np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-300)
