"""Faces without area: needles lose their short edge, caps are turned, open edges that coincide are sewn together."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..topology import grouped_edges, half_edges, labelled
from .validity import degenerate

Faces = NDArray[np.int64]
_ROUNDS = 4


def without_repeats(faces: Faces) -> Faces:
    """Faces of three different vertices."""
    return faces[(faces != np.roll(faces, 1, axis=1)).all(axis=1)]


def sewn(vertices: NDArray[np.float64], faces: Faces) -> Faces:
    """Faces with vertices at open edges made one where they lie in exactly the same place.

    Closed parts are left alone, so that solids which touch stay apart.
    """
    order, first, count = grouped_edges(faces)
    rim = np.unique(half_edges(faces)[order[first[count == 1]]])
    if not len(rim):
        return faces
    _, lead, place = np.unique(vertices[rim], axis=0, return_index=True, return_inverse=True)
    target = np.arange(len(vertices))
    target[rim] = rim[lead[place.reshape(-1)]]
    return without_repeats(target[faces])


def without_slivers(vertices: NDArray[np.float64], faces: Faces) -> Faces:
    """Faces without those that have no area, as far as that goes without opening the surface."""
    for _ in range(_ROUNDS):
        flat = np.flatnonzero(degenerate(vertices, faces))
        if not len(flat):
            break
        faces = _without_needles(vertices, faces, flat)
        faces = _without_caps(vertices, faces, np.flatnonzero(degenerate(vertices, faces)))
    return faces


def _without_needles(vertices: NDArray[np.float64], faces: Faces, flat: NDArray[np.int64]) -> Faces:
    """Vertices of a flat face that lie in the same place become one."""
    sides = half_edges(faces[flat])
    same = (vertices[sides[:, 0]] == vertices[sides[:, 1]]).all(axis=1)
    if not same.any():
        return faces
    group = labelled(sides[same], len(vertices))
    _, lead = np.unique(group, return_index=True)
    return without_repeats(np.asarray(lead[group][faces], np.int64))


def _without_caps(vertices: NDArray[np.float64], faces: Faces, flat: NDArray[np.int64]) -> Faces:
    """A flat face with a vertex inside its longest edge shares that edge's square with its neighbour the other way."""
    if not len(flat):
        return faces
    faces = faces.copy()
    order, first, count = grouped_edges(faces)
    place = np.empty(len(order), np.int64)
    place[order] = np.repeat(np.arange(len(first)), count)
    known = {tuple(edge) for edge in np.sort(half_edges(faces), axis=1).tolist()}
    touched: set[int] = set()
    gone: list[int] = []
    for face in flat.tolist():
        corners = vertices[faces[face]]
        longest = int(((np.roll(corners, -1, axis=0) - corners) ** 2).sum(axis=1).argmax())
        edge = place[3 * face + longest]
        if count[edge] == 1:
            gone.append(face)  # only the rim moves, by nothing
            continue
        others = order[first[edge] : first[edge] + count[edge]]
        if count[edge] != 2:
            continue
        other = int(others[others != 3 * face + longest][0])
        start, end, tip = (int(faces[face, (longest + step) % 3]) for step in range(3))
        apex = int(faces[other // 3, (other + 2) % 3])
        new = (min(tip, apex), max(tip, apex))
        if {face, other // 3} & touched or apex == tip or new in known or int(faces[other // 3, other % 3]) != end:
            continue
        faces[face], faces[other // 3] = (start, apex, tip), (apex, end, tip)
        touched |= {face, other // 3}
        known.add(new)
    return np.delete(faces, gone, axis=0) if gone else faces
