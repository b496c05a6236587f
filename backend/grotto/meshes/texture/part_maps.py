"""Maps of a textured part: normals of a finer surface, ambient occlusion, and whether a picture shows it."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ...formats import Mesh, TexturedMesh
from ...photos import embedded_picture
from ..remesh import nearest_on_mesh
from .bake import as_png
from .projection import vertex_normals
from .surface_maps import TextureSpace, tangent_space, tangents_of

Array32 = NDArray[np.float32]

_OCCLUSION_PX = 512  # occlusion is smooth, and has a texture of its own


def with_occlusion(part: TexturedMesh, occlusion: Array32) -> TexturedMesh:
    """The part with the ambient occlusion (n,) of its vertices, 0 to 1, as a texture."""
    space = TextureSpace(part.faces, part.uv, _OCCLUSION_PX)
    return replace(part, occlusion_map=as_png(space.picture(space.at_texels(occlusion), 1.0)))


def with_seen(part: TexturedMesh, seen: bool) -> TexturedMesh:
    """The part marked as shown by a picture throughout, or as invented."""
    return replace(part, seen=np.full(len(part.vertices), float(seen), np.float32))


def with_normal_map(part: TexturedMesh, side_px: int, normals_at: Callable[[Array32], Array32]) -> TexturedMesh:
    """The part with a square tangent-space map of finer unit normals (k, 3), which are given at points (k, 3) of it."""
    tangents = tangents_of(part.vertices, part.faces, part.uv, part.normals)
    space = TextureSpace(part.faces, part.uv, side_px)
    normals = normals_at(space.at_texels(part.vertices))
    colours = tangent_space(normals, space.at_texels(part.normals), space.at_texels(tangents))
    return replace(part, normal_map=as_png(space.picture(colours, 0.5)), tangents=tangents)


def normals_of_mesh(mesh: TexturedMesh) -> Callable[[Array32], Array32]:
    """A function that gives the unit normals (k, 3) of a mesh at its places nearest to points (k, 3)."""
    dense = Mesh(vertices=mesh.vertices, faces=mesh.faces.astype(np.int32))

    def normals_at(points: Array32) -> Array32:
        normals = nearest_on_mesh(dense, points).interpolated(dense.faces, mesh.normals)
        normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-12)
        return normals

    return normals_at


def collider_part(hull: Mesh) -> TexturedMesh:
    """A collider as files carry it: one grey texel, and its role in the extras."""
    return TexturedMesh(
        vertices=hull.vertices,
        faces=hull.faces.astype(np.uint32),
        uv=np.zeros((len(hull.vertices), 2), np.float32),
        normals=vertex_normals(hull.vertices, hull.faces),
        texture=as_png(np.full((1, 1, 3), 128, np.uint8)),
        extras={"role": "collider"},
    )


def halved_file(picture: bytes, times: int) -> bytes:
    """A picture file of the same format with each side halved so many times; for 0 the file itself."""
    if times == 0:
        return picture
    opened = embedded_picture(picture)
    file_format = opened.format or "PNG"
    size = max(1, opened.width >> times), max(1, opened.height >> times)
    smaller = opened.convert("RGB" if file_format == "JPEG" else "RGBA").resize(size, Image.Resampling.BOX)
    encoded = io.BytesIO()
    smaller.save(encoded, file_format, **({"quality": 90} if file_format == "JPEG" else {}))
    return encoded.getvalue()
