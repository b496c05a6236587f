"""Recognise an imported mesh that nobody has edited: a hash of its data is kept on the mesh."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import numpy as np
from bpy.types import Material, Object

MADE = "grotto_made"  # on a mesh: number of objects that its file became, and the hash of object and mesh after the import
SURFACE = ("Base Color", "Metallic", "Roughness", "Alpha")  # inputs whose values count where no node feeds them


def mark_as_made(objects: Sequence[Object]) -> None:
    """Record how the meshes of one file are now. Objects without faces are left out."""
    for item in objects:
        data: Any = item.data
        if item.type == "MESH" and len(data.polygons):
            data[MADE] = f"{len(objects)}:{fingerprint(item)}"


def are_as_made(objects: Sequence[Object]) -> bool:
    """Whether these are all the meshes of one file, with data, materials and places as they were imported."""
    for item in objects:
        data: Any = item.data
        if data.get(MADE) != f"{len(objects)}:{fingerprint(item)}" or any(image.is_dirty for image in _images(data.materials)):
            return False
    return bool(objects)


def fingerprint(item: Object) -> str:
    """Hash positions, faces, UVs, shading, materials, and the place below the root. Names do not count."""
    mesh: Any = item.data
    hashed = hashlib.blake2b(digest_size=16)
    places: list[tuple[str, str, int, Any]] = [
        ("vertices", "co", 3, np.float32),
        ("loops", "vertex_index", 1, np.int32),
        ("polygons", "loop_start", 1, np.int32),
    ]
    places += [("polygons", "material_index", 1, np.int32), ("polygons", "use_smooth", 1, np.bool_)]
    for name, value, width, kind in places:
        elements = getattr(mesh, name)
        hashed.update(_read(elements, value, width, kind))
    for layer in mesh.uv_layers:
        hashed.update(_read(layer.uv, "vector", 2, np.float32))
    own = sorted((item.name, item.domain) for item in mesh.attributes if not item.name.startswith((".", "position", "sharp_")))
    local = item.matrix_parent_inverse @ item.matrix_basis  # matrix_local is computed from the world, and not the same each time
    place = [round(float(number), 5) + 0.0 for row in local for number in row]
    surfaces = [_surface(material) for material in mesh.materials]
    hashed.update(repr([own, place, surfaces, mesh.shape_keys is not None]).encode())
    return hashed.hexdigest()


def _read(elements: Any, value: str, width: int, kind: Any) -> bytes:
    array = np.empty(len(elements) * width, kind)
    elements.foreach_get(value, array)
    return array.tobytes()


def _surface(material: Material | None) -> list[Any]:
    """Return nodes, links and plain values of a material as a list that has a stable text."""
    tree: Any = material.node_tree if material is not None else None
    if tree is None:
        return []
    nodes = [(node.type, _packed_size(getattr(node, "image", None))) for node in tree.nodes]
    links = [(link.from_node.type, link.from_socket.name, link.to_node.type, link.to_socket.name) for link in tree.links]
    values: list[Any] = []
    for shader in (node for node in tree.nodes if node.type == "BSDF_PRINCIPLED"):
        for socket in (shader.inputs[name] for name in SURFACE if name in shader.inputs and not shader.inputs[name].is_linked):
            value = socket.default_value
            values.append([round(float(number), 5) for number in (value if hasattr(value, "__len__") else [value])])
    return [sorted(nodes), sorted(links), values]


def _packed_size(image: Any) -> int:
    return image.packed_file.size if image is not None and image.packed_file is not None else 0


def _images(materials: Any) -> list[Any]:
    trees: list[Any] = [material.node_tree for material in materials if material is not None]
    nodes = [node for tree in trees if tree is not None for node in tree.nodes]
    return [node.image for node in nodes if node.type == "TEX_IMAGE" and node.image is not None]
