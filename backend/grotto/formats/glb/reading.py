"""Read textured meshes from binary glTF 2.0 files with the plain layout that Grotto writes: (x, y, z) becomes (x, -z, y)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...contract import bad_input, malformed_as_bad_input
from .document import REMEDY, GlbDocument, Object, numbers, text
from .textured_mesh import BLEND, MASK, OPAQUE, GlbNode, TexturedMesh

_TRIANGLES = 4
# What would move a mesh in a way that is not read, and the value that leaves it in place.
_UNMOVED = {
    "rotation": (0.0, 0.0, 0.0, 1.0),
    "scale": (1.0, 1.0, 1.0),
    "matrix": (1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0),
}


def read_glb(path: Path) -> TexturedMesh:
    """Read the first part of a GLB that `write_glb` (or a tool with the same plain layout) wrote.

    Raises a bad-input problem where the file is no GLB, is cut short, contradicts itself, or has no textured triangles.
    """
    return next(iter(read_glb_parts(path).values()))


def read_glb_parts(path: Path) -> dict[str, TexturedMesh]:
    """Read all parts of the first mesh of a GLB, by the names of their materials. Raises what `read_glb` does."""
    return dict(next(iter(read_glb_nodes(path).values())).parts)


def read_glb_nodes(path: Path) -> dict[str, GlbNode]:
    """Read all nodes with a mesh of a GLB that Grotto wrote, by their names. Raises what `read_glb` does."""
    file = GlbDocument(path)
    with malformed_as_bad_input(f"{path.name} holds no textured triangles", REMEDY):
        file.refuse_extensions()
        found: dict[str, GlbNode] = {}
        for node in (one for one in file.items("nodes") if "mesh" in one):
            read = _node(file, node)
            name = text(node.get("name", f"node {len(found)}"), "the name of a node")
            if name in found:
                raise ValueError(f"two nodes have the name {name}")
            if read.parts:
                found[name] = read
    if not found:
        raise bad_input(f"{path.name} holds no textured triangles", REMEDY)
    return found


def _node(file: GlbDocument, node: Object) -> GlbNode:
    moved = next((name for name, unmoved in _UNMOVED.items() if tuple(node.get(name, unmoved)) != unmoved), None)
    if moved:
        raise ValueError(f"a node has a {moved}, which is not read")
    extras, parts = node.get("extras", {}), {}
    if not isinstance(extras, dict):
        raise ValueError("the extras of a node are no object")
    for primitive in file.item("meshes", node["mesh"])["primitives"]:
        name = text(file.item("materials", primitive["material"])["name"], "the name of a material")
        if name in parts:
            raise ValueError(f"two parts have a material {name}")
        parts[name] = _part(file, primitive, extras)
    x, y, z = numbers(node.get("translation", [0.0, 0.0, 0.0]), 3, "the place of a node")
    return GlbNode(parts=parts, place=(x, -z, y))


def _part(file: GlbDocument, primitive: Object, extras: dict[str, Any]) -> TexturedMesh:
    if primitive.get("mode", _TRIANGLES) != _TRIANGLES:
        raise ValueError("it holds lines or points")
    attributes = primitive["attributes"]
    vertices = _to_z_up(_columns(file, attributes["POSITION"], 3))
    faces = file.array(primitive["indices"])
    if faces.ndim != 1 or faces.dtype.kind != "u" or len(faces) % 3:
        raise ValueError("its corners are no whole triangles")
    if len(faces) and int(faces.max()) >= len(vertices):
        raise ValueError("a triangle names a point that is not there")
    tangents = _columns(file, attributes["TANGENT"], 4) if "TANGENT" in attributes else None
    seen = _columns(file, attributes["_SEEN"], 1) if "_SEEN" in attributes else None
    material = file.item("materials", primitive["material"])
    finish, alpha = material["pbrMetallicRoughness"], material.get("alphaMode", OPAQUE)
    if alpha not in (OPAQUE, BLEND, MASK):
        raise ValueError(f"it has no alpha mode {alpha}")
    made = TexturedMesh(
        vertices=vertices,
        normals=_to_z_up(_columns(file, attributes["NORMAL"], 3)),
        uv=_columns(file, attributes["TEXCOORD_0"], 2),
        faces=faces.reshape(-1, 3).astype(np.uint32),
        texture=file.picture(finish["baseColorTexture"]),
        normal_map=file.picture(material.get("normalTexture")),
        occlusion_map=file.picture(material.get("occlusionTexture")),
        metallic_roughness=file.picture(finish.get("metallicRoughnessTexture")),
        tangents=None if tangents is None else np.column_stack([_to_z_up(tangents), tangents[:, 3]]),
        seen=seen,
        alpha=alpha,
        extras=extras,
    )
    of_points = (made.normals, made.uv, made.tangents, made.seen)
    if any(array is not None and len(array) != len(vertices) for array in of_points):
        raise ValueError("its points have more or fewer attributes than places")
    return made


def _columns(file: GlbDocument, index: object, count: int) -> NDArray[np.float32]:
    """(n, count) float32, (n,) for a single column."""
    values = file.array(index)
    if values.shape[1:] != ((count,) if count > 1 else ()):
        raise ValueError(f"an array of it has not {count} columns")
    return np.array(values, np.float32)


def _to_z_up(points: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.stack([points[:, 0], -points[:, 2], points[:, 1]], axis=1)
