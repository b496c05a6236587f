"""What every renderer of meshes refuses."""

from __future__ import annotations

from collections.abc import Sequence

from ...contract import bad_input


def check_mesh(vertices: Sequence[int], faces: Sequence[int], span: tuple[int, int], finite: bool) -> None:
    """Raise bad input for faces that name no vertex, and vertices that are not numbers.

    The shapes of vertices and faces; lowest and highest number of a vertex in the faces; whether all coordinates are numbers.
    """
    if len(vertices) != 2 or vertices[1] != 3 or len(faces) != 2 or faces[1] != 3:
        raise bad_input(
            f"a mesh has vertices (v, 3) and faces (f, 3), not {tuple(vertices)}, {tuple(faces)}", "choose a mesh of triangles"
        )
    if faces[0] and (span[0] < 0 or span[1] >= vertices[0]):
        raise bad_input("a face names a vertex that is not there", "choose or make another mesh")
    if not finite:
        raise bad_input("a vertex is not a number", "choose or make another mesh")
