"""Textures for chosen faces of a mesh: a picture projected onto them, or an unwrapping painted by a function of the place."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...formats import Mesh, TexturedMesh
from .bake import textured
from .fill import pad_islands
from .unwrap import unwrap

Array32 = NDArray[np.float32]
Paint = Callable[[Array32, Array32], Array32]  # colours (k, 3) at points (k, 3) with normals (k, 3)


@dataclass(frozen=True, kw_only=True)
class PaintedPart:
    """Some faces of a mesh with a texture of their own."""

    mesh: TexturedMesh
    vertex: NDArray[np.int64]  # (n,) which vertex of the whole mesh each of its vertices is
    overlap: int = 0  # texels that two faces share


def projected_part(
    mesh: Mesh, normals: Array32, chosen: NDArray[np.bool_], uv: Array32, picture: bytes, extras: Mapping[str, Any]
) -> PaintedPart:
    """The chosen faces (m,) of a mesh under a picture file, by the uv (n, 2) of all vertices; its extras say what it is."""
    vertex, faces = np.unique(mesh.faces[chosen], return_inverse=True)
    part = TexturedMesh(
        vertices=mesh.vertices[vertex],
        faces=faces.reshape(-1, 3).astype(np.uint32),
        uv=np.clip(uv[vertex], 0, 1).astype(np.float32),
        normals=normals[vertex],
        texture=picture,
        extras=dict(extras),
    )
    return PaintedPart(mesh=part, vertex=vertex.astype(np.int64))


def painted_part(
    mesh: Mesh, normals: Array32, chosen: NDArray[np.bool_], side_px: int, padding_px: int, paint: Paint
) -> PaintedPart:
    """The chosen faces (m,) of a mesh with its smooth normals (n, 3), unwrapped into a square texture and painted.

    Raises a bad-input problem where they do not fit into the texture.
    """
    used, faces = np.unique(mesh.faces[chosen], return_inverse=True)
    part = Mesh(vertices=mesh.vertices[used], faces=faces.reshape(-1, 3).astype(np.int32))
    unwrapped = unwrap(part, side_px, padding_px)
    texels = unwrapped.texels()
    where = texels.covered()
    carried = np.concatenate([part.vertices, normals[used]], axis=1)[unwrapped.source_vertex]
    points, directions = np.split(texels.interpolated(where, unwrapped.uv, unwrapped.faces, carried), 2, axis=1)
    texture = np.zeros((side_px * side_px, 3), np.float32)
    texture[where] = paint(points, directions)
    filled = pad_islands(texture.reshape(side_px, side_px, 3), texels.face >= 0)
    vertex = used[unwrapped.source_vertex].astype(np.int64)
    painted = replace(textured(unwrapped, filled), normals=normals[vertex])
    return PaintedPart(mesh=painted, vertex=vertex, overlap=texels.overlap)
