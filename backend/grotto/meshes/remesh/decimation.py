"""Fewer faces, same shape: quadric edge collapses (Garland and Heckbert 1997), by fast-simplification."""

from __future__ import annotations

import fast_simplification
import numpy as np

from ...contract import bad_input
from ...formats import Mesh
from ..repair import degenerate, is_manifold, repair
from .nearest import nearest_on_mesh

_FEWEST = 4  # faces of a closed surface


def decimate(mesh: Mesh, faces: int) -> Mesh:
    """The mesh with about `faces` faces at most; unchanged where it has no more. Colours and `seen` are carried over.

    A mesh that was a closed surface stays one, with every island and cavity: what collapses broke is repaired, and where
    that does not help there are more faces.
    Raises a bad-input problem where fewer than 4 faces are asked for, or the mesh has none.
    """
    if faces < _FEWEST:
        raise bad_input(f"a mesh cannot have {faces} faces", f"ask for {_FEWEST} or more", option="faces")
    if not len(mesh.faces):
        raise bad_input("the mesh has no faces", "make it again with other settings")
    if len(mesh.faces) <= faces:
        return mesh
    wanted, reduced = faces, _collapsed(mesh, faces)
    if is_manifold(mesh):
        while not is_manifold(reduced):
            wanted *= 2
            if wanted >= len(mesh.faces):
                return mesh
            reduced = _collapsed(mesh, wanted)
    if not len(reduced.faces):
        raise bad_input(f"nothing is left of the mesh with {faces} faces", "ask for more faces", option="faces")
    if mesh.colours is None and mesh.seen is None:
        return reduced
    places = nearest_on_mesh(mesh, reduced.vertices)
    return Mesh(
        vertices=reduced.vertices,
        faces=reduced.faces,
        colours=None if mesh.colours is None else places.interpolated(mesh.faces, mesh.colours),
        seen=None if mesh.seen is None else places.interpolated(mesh.faces, mesh.seen),
    )


def _collapsed(mesh: Mesh, faces: int) -> Mesh:
    """Positions and faces alone, repaired where the mesh was a closed surface and is none now."""
    centre = mesh.vertices.mean(axis=0, dtype=np.float64)
    scale = float(np.abs(mesh.vertices - centre).max()) or 1.0  # fast-simplification's thresholds are absolute
    points, triangles = fast_simplification.simplify(
        (mesh.vertices - centre) / scale, np.ascontiguousarray(mesh.faces, np.int32), target_count=faces
    )
    reduced = Mesh(vertices=np.asarray(points * scale + centre, np.float32), faces=np.asarray(triangles, np.int32).reshape(-1, 3))
    if degenerate(reduced.vertices, reduced.faces).all() or is_manifold(reduced) or not is_manifold(mesh):
        return reduced
    return repair(reduced, smallest_island=0.0, largest_hole=np.inf, drop_cavities=False).mesh
