"""The materials and pictures of meshes that are written, and what the written file must hold."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bpy
from bpy.types import Context, Image, Material, Object

from ...backend.grotto.contract import bad_input

COLOUR = "Base Color"
IMAGE_SUFFIXES = {b"\x89PNG": ".png", b"\xff\xd8\xff": ".jpg", b"RIFF": ".webp"}


@dataclass(frozen=True)
class Expected:
    """What a written file must hold, from the meshes as they are evaluated."""

    triangles: int
    polygons: int
    textured: int  # surfaces of objects that have a picture as their colour
    materials: tuple[Material, ...]  # that faces use, each once


def expected_of(context: Context, meshes: Sequence[Object]) -> Expected:
    """Count faces and textured surfaces. A surface with a plain colour needs no picture."""
    import numpy as np

    depsgraph = context.evaluated_depsgraph_get()
    triangles = polygons = textured = 0
    materials: dict[Material, None] = {}
    for item in meshes:
        evaluated: Any = item.evaluated_get(depsgraph)
        mesh = evaluated.to_mesh()
        mesh.calc_loop_triangles()
        triangles, polygons = triangles + len(mesh.loop_triangles), polygons + len(mesh.polygons)
        slots = np.zeros(len(mesh.polygons), np.int32)
        mesh.polygons.foreach_get("material_index", slots)
        used = [mesh.materials[slot] for slot in np.unique(slots) if 0 <= slot < len(mesh.materials)]
        evaluated.to_mesh_clear()
        own = [material.original for material in used if material is not None]
        textured += sum(bool(images_of([material], COLOUR)) for material in own)
        materials |= dict.fromkeys(own)
    return Expected(triangles, polygons, textured, tuple(materials))


def picture_nodes(materials: Sequence[Material], only: str = "") -> list[Any]:
    """Return the image nodes of surfaces; `only` restricts them to one input, such as "Base Color"."""
    found: dict[Any, None] = {}
    for material in materials:
        tree: Any = material.node_tree
        shaders = [node for node in (tree.nodes if tree is not None else ()) if node.type == "BSDF_PRINCIPLED"]
        sockets = [socket for shader in shaders for socket in shader.inputs if only in ("", socket.name)]
        waiting = [link.from_node for socket in sockets for link in socket.links]
        while waiting:
            node = waiting.pop()
            if node.type == "TEX_IMAGE" and node.image is not None:
                found[node] = None
            waiting += [link.from_node for socket in node.inputs for link in socket.links]
    return list(found)


def images_of(materials: Sequence[Material], only: str = "") -> list[Image]:
    """Return the images of those nodes, each once."""
    return list(dict.fromkeys(node.image for node in picture_nodes(materials, only)))


def bytes_of(image: Image) -> bytes:
    """Return the bytes of the image's file. Raises ProblemError where the file is missing."""
    if image.packed_file is not None:
        return bytes(image.packed_file.data)
    path = Path(bpy.path.abspath(image.filepath))
    if not path.is_file():
        raise bad_input(f"the texture {image.name} is missing at {path}", "import the result again")
    return path.read_bytes()


@contextmanager
def as_files(folder: Path, materials: Sequence[Material]) -> Iterator[None]:
    """Write packed pictures into a folder and let the nodes use those files inside the block."""
    folder.mkdir(exist_ok=True)
    nodes = picture_nodes(materials)
    before, replacement = [(node, node.image) for node in nodes], {}
    try:
        for image in images_of(materials):
            data = bytes_of(image)
            suffix = next((end for magic, end in IMAGE_SUFFIXES.items() if data.startswith(magic)), ".png")
            file = folder / f"{''.join(letter if letter.isalnum() else '_' for letter in Path(image.name).stem)}{suffix}"
            file.write_bytes(data)
            replacement[image] = bpy.data.images.load(str(file))
        for node, image in before:
            node.image = replacement[image]
        yield
    finally:
        for node, image in before:
            node.image = image
        bpy.data.batch_remove(list(replacement.values()))
