"""Levels of detail: each mesh has half the faces of the one before."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...formats import Mesh
from .decimation import decimate
from .nearest import nearest_on_mesh

_SAMPLES = 20_000  # on each surface
_FEWEST = 64  # faces: fewer make no level worth having


@dataclass(frozen=True, kw_only=True)
class Level:
    """One level of detail."""

    mesh: Mesh
    hausdorff: float  # the largest distance between it and the full mesh, either way, over samples and vertices; world's unit


def lod_chain(mesh: Mesh, count: int) -> list[Level]:
    """Up to `count` reduced meshes, each with half the faces of the one before; colours and `seen` are carried over.

    Each is reduced from the one before. The chain is shorter where the next would have under 64 faces, or where a closed
    mesh cannot be reduced farther and stay one.
    """
    levels: list[Level] = []
    current = mesh
    for _ in range(count):
        wanted = len(current.faces) // 2
        if wanted < _FEWEST:
            break
        reduced = decimate(current, wanted)
        if len(reduced.faces) > 0.75 * len(current.faces):
            break
        levels.append(Level(mesh=reduced, hausdorff=surface_distance(reduced, mesh)))
        current = reduced
    return levels


def surface_distance(mesh: Mesh, reference: Mesh, samples: int = _SAMPLES) -> float:
    """The Hausdorff distance of two surfaces, from points spread over each, and its vertices, to the other's triangles."""
    from ...metrics import sample_surface  # here, as the measures of pictures beside it load torch

    farthest = 0.0
    for one, other in ((mesh, reference), (reference, mesh)):
        points = np.concatenate([sample_surface(one, samples, 0)[0], one.vertices[np.unique(one.faces)]])
        farthest = max(farthest, float(nearest_on_mesh(other, points).distance.max()))
    return farthest
