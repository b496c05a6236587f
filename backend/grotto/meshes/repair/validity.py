"""What is wrong with a mesh, in numbers, and the gate that says whether it is a closed surface."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...formats import Mesh
from ..topology import extra_fans, face_islands, grouped_edges, half_edges, labelled, mates, same_faces

_THIN = 1e-7  # area over squared longest side, below which a face has no direction (float32 has 24 bits)


@dataclass(frozen=True, kw_only=True)
class MeshFacts:
    """Counts of what a mesh is and of its faults. Plain numbers, so that artefacts can hold it."""

    vertices: int
    faces: int
    islands: int  # parts that do not share an edge
    holes: int  # loops of open edges
    open_edges: int
    nonmanifold_edges: int  # more than two faces meet
    flipped_edges: int  # two faces meet that look to different sides
    nonmanifold_vertices: int  # parts touch in a point
    degenerate_faces: int  # a repeated vertex, or no area
    duplicate_faces: int  # the same three vertices again
    unusable_faces: int  # a vertex of theirs is NaN or infinite
    euler: int  # vertices - edges + faces, of the vertices in use
    watertight: bool  # manifold3d takes it: closed, coherent, two faces an edge


def is_manifold(mesh: Mesh) -> bool:
    """Whether manifold3d takes the mesh as a closed surface whose faces look outwards coherently."""
    import manifold3d

    if not len(mesh.faces) or not np.isfinite(mesh.vertices).all():
        return False
    if mesh.faces.min() < 0 or mesh.faces.max() >= len(mesh.vertices):
        return False
    used, faces = np.unique(mesh.faces, return_inverse=True)
    points = np.ascontiguousarray(mesh.vertices[used], np.float32)
    made = manifold3d.Manifold(manifold3d.Mesh(points, np.ascontiguousarray(faces.reshape(-1, 3), np.uint32)))
    return bool(made.status() == manifold3d.Error.NoError and made.num_tri() > 0)


def mesh_facts(mesh: Mesh) -> MeshFacts:
    """Count the faults of a mesh. Faults among faces are counted without those that are unusable."""
    usable = np.asarray(np.isfinite(mesh.vertices).all(axis=1))[mesh.faces].all(axis=1)
    faces = mesh.faces[usable]
    broken = degenerate(mesh.vertices, faces)
    sides = half_edges(faces)
    order, first, count = grouped_edges(faces)
    one, two = order[first[count == 2]], order[first[count == 2] + 1]
    mate = mates(faces)
    lone = int((count == 1).sum())
    return MeshFacts(
        vertices=len(mesh.vertices),
        faces=len(mesh.faces),
        islands=len(np.unique(face_islands(faces, mate))) if len(faces) else 0,
        holes=_open_loops(faces),
        open_edges=lone,
        nonmanifold_edges=int((count > 2).sum()),
        flipped_edges=int((sides[one, 0] == sides[two, 0]).sum()),
        nonmanifold_vertices=extra_fans(faces, mate) if not (count > 2).any() else 0,
        degenerate_faces=int(broken.sum()),
        duplicate_faces=len(faces) - int(same_faces(faces).max(initial=-1)) - 1,
        unusable_faces=int((~usable).sum()),
        euler=len(np.unique(faces)) - len(count) + len(faces),
        watertight=bool(usable.all()) and is_manifold(mesh),
    )


def degenerate(vertices: NDArray[np.floating], faces: NDArray[np.integer]) -> NDArray[np.bool_]:
    """(m,) faces that repeat a vertex or have next to no area for their length."""
    repeated = (faces == np.roll(faces, 1, axis=1)).any(axis=1)
    corners = vertices.astype(np.float64)[faces]
    across = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    longest = ((corners - np.roll(corners, 1, axis=1)) ** 2).sum(axis=2).max(axis=1, initial=0.0)
    return np.asarray(repeated | (np.linalg.norm(across, axis=1) <= _THIN * longest))


def _open_loops(faces: NDArray[np.integer]) -> int:
    """Groups of open edges that hang together."""
    order, first, count = grouped_edges(faces)
    ends, place = np.unique(half_edges(faces)[order[first[count == 1]]], return_inverse=True)
    place = place.reshape(-1, 2)
    return len(np.unique(labelled(place, len(ends)))) if len(place) else 0
