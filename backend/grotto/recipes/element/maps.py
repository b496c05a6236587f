"""Maps of an element: the dense relief's normals on its front, ambient occlusion, and what was seen."""

from __future__ import annotations

import io
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ...formats import Mesh, TexturedMesh
from ...meshes.remesh import convex_collider, nearest_on_mesh
from ...meshes.texture import TextureSpace, as_png, tangent_space, tangents_of, vertex_normals, vertex_occlusion
from .relief import ElementBody
from .work import WorkCut

_OCCLUSION_PX = 512  # it is smooth, and has its own texture


def clear_of_light(mesh: Mesh, normals: NDArray[np.float32]) -> NDArray[np.float32]:
    """(n,) ambient occlusion of a body's vertices."""
    return vertex_occlusion(mesh.vertices, mesh.faces, normals)


def with_occlusion(part: TexturedMesh, clear: NDArray[np.float32]) -> TexturedMesh:
    """A part with its vertices' occlusion (n,) as a texture."""
    space = TextureSpace(part.faces, part.uv, _OCCLUSION_PX)
    return replace(part, occlusion_map=as_png(space.picture(space.at_texels(clear), 1.0)))


def with_seen(part: TexturedMesh, seen: bool, clear: NDArray[np.float32] | None) -> TexturedMesh:
    """A part with the word whether a picture shows it, and with its occlusion, where there is any."""
    told = replace(part, seen=np.full(len(part.vertices), float(seen), np.float32))
    return told if clear is None else with_occlusion(told, clear)


def collider_of(vertices: NDArray[np.float32]) -> TexturedMesh:
    """The convex body round vertices (n, 3), as files have it: grey."""
    mesh = convex_collider(vertices)
    return TexturedMesh(
        vertices=mesh.vertices, faces=mesh.faces.astype(np.uint32), uv=np.zeros((len(mesh.vertices), 2), np.float32),
        normals=vertex_normals(mesh.vertices, mesh.faces), texture=as_png(np.full((1, 1, 3), 128, np.uint8)),
        extras={"role": "collider"},
    )  # fmt: skip


def with_normals_of(light: TexturedMesh, whole: TexturedMesh, side_px: int) -> TexturedMesh:
    """A level of detail with the whole mesh's normals in a map, each from the nearest place of it."""
    tangents = tangents_of(light.vertices, light.faces, light.uv, light.normals)
    space = TextureSpace(light.faces, light.uv, side_px)
    dense = Mesh(vertices=whole.vertices, faces=whole.faces.astype(np.int32))
    nearest = nearest_on_mesh(dense, space.at_texels(light.vertices))
    fine = nearest.interpolated(dense.faces, whole.normals)
    fine /= np.maximum(np.linalg.norm(fine, axis=1, keepdims=True), 1e-12)
    drawn = tangent_space(fine, space.at_texels(light.normals), space.at_texels(tangents))
    return replace(light, normal_map=as_png(space.picture(drawn, 0.5)), tangents=tangents)


def reduced_file(picture: bytes, level: int) -> bytes:
    """A picture file with each side halved `level` times, of its own kind; level 0 is the very file."""
    if level == 0:
        return picture
    with Image.open(io.BytesIO(picture)) as opened:
        kind = opened.format or "PNG"
        size = max(1, opened.width >> level), max(1, opened.height >> level)
        smaller = opened.convert("RGB" if kind == "JPEG" else "RGBA").resize(size, Image.Resampling.BOX)
    kept = io.BytesIO()
    smaller.save(kept, kind, **({"quality": 90} if kind == "JPEG" else {}))
    return kept.getvalue()


def with_relief_normals(front: TexturedMesh, body: ElementBody, work: WorkCut, side_px: int) -> TexturedMesh:
    """The front with the dense relief's normals in a square map: few faces are lit like many."""
    fine = relief_normals(body.height_px())
    tangents = tangents_of(front.vertices, front.faces, front.uv, front.normals)
    space = TextureSpace(front.faces, front.uv, side_px)
    places = (body.places_px(space.at_texels(front.vertices)) - np.array([work.left, work.top])) * work.scale - 0.5
    columns, rows = places.astype(np.float32).T
    # one row of texels: OpenCV's remap takes no more than 32767 of them, so they are folded
    width = min(len(columns), 16384) or 1
    fold = -len(columns) % width
    shape = (-1, width)
    folded = [np.append(values, np.zeros(fold, np.float32)).reshape(shape) for values in (columns, rows)]
    found = np.asarray(cv2.remap(fine, folded[0], folded[1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), np.float32)
    wanted = found.reshape(-1, 3)[: len(columns)]
    drawn = tangent_space(wanted, space.at_texels(front.normals), space.at_texels(tangents))
    flat = space.picture(drawn, 0.5)
    return replace(front, normal_map=as_png(flat), tangents=tangents)


def relief_normals(height: NDArray[np.float32]) -> NDArray[np.float32]:
    """(h, w, 3) unit normals, in the element's frame, of heights (h, w) in px over the picture: x right, y away, z up."""
    down, across = np.gradient(height.astype(np.float64))
    made = np.stack([-across, -np.ones_like(across), down], axis=2)
    return np.asarray(made / np.linalg.norm(made, axis=2, keepdims=True), np.float32)
