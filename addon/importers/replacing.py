"""A job that was run again: its new result takes the old one's place in the scene."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import bpy
from bpy.types import Collection, Context, Material, Object

from .parts import LAYER, PART, PARTS, parts_of, show_only
from .provenance import SCALE
from .result import Arrival, Slices, import_slices, remove


def replace_slices(context: Context, root: Object, folder: Path) -> Slices:
    """Import step by step, then exchange the data: objects keep their names, places, modifiers and collections.

    Levels of detail of the old result go; they are imported again when they are asked for.
    """
    name = root.name
    collections: Any = root.users_collection
    collection: Collection = next(item for item in collections if PARTS in item)
    arrival = yield from import_slices(context, folder, name)
    yield "the old one's place"
    meshes = _exchange(root, collection, arrival)
    custom: Any = root
    kept = custom[SCALE] if any(part != 1.0 for part in custom.scale) else None
    for target in (custom, collection):
        for key in arrival.root.keys():  # noqa: SIM118  (Blender's objects are no dictionaries)
            if key.startswith("grotto_"):
                target[key] = arrival.root[key]
    if kept is not None:
        custom[SCALE] = kept  # the artist gave it its size
    remove(arrival.collection)
    main = next((part for part in parts_of(root) if part.kind == "mesh"), None)
    if main is not None:
        show_only(root, main.path)
    if context.mode == "OBJECT" and meshes:
        meshes[0].select_set(True)
        context.view_layer.objects.active = meshes[0]
    return Arrival(collection=collection, root=root, meshes=tuple(meshes))


def _exchange(root: Object, collection: Collection, arrival: Arrival) -> list[Object]:
    """Put what arrived into the objects that stand for it; the meshes among these."""
    old: dict[tuple[str, ...], list[Object]] = {}
    for item in root.children:
        old.setdefault(_stands_for(item), []).append(item)
    meshes = []
    for item in list(arrival.root.children):
        waiting = old.get(_stands_for(item))
        if waiting:
            there = waiting.pop(0)
            _take_data(there, item)
            if item.get(LAYER):
                there.location = item.location  # the stack may have more layers now, or fewer
        else:
            there = item
            _move(item, root, collection, arrival.collection)
        if item in arrival.meshes:
            meshes.append(there)
    gone: list[Any] = [item for left in old.values() for item in left]
    for item in gone:
        if PART in item:
            bpy.data.objects.remove(item)
    children: list[Any] = list(collection.children)
    for child in children:
        if PART in child and not child.objects:
            bpy.data.collections.remove(child)
    return meshes


def _stands_for(item: Object) -> tuple[str, ...]:
    """What an object shows of a result: equal for the same thing before and after."""
    return item.get(PART, ""), item.type, item.get(LAYER, "")


def _take_data(there: Object, arrived: Object) -> None:
    """Exchange the data of two objects; what is new gets the old names."""
    before: Any = there.data
    name, old_materials = before.name, list(getattr(before, "materials", ()))
    names = [material.name if material else "" for material in old_materials]
    there.data, arrived.data = arrived.data, before
    before.name, there.data.name = f"{name} before", name
    if there.type == "CAMERA":
        there.matrix_basis = arrived.matrix_basis  # it looks at the new body
        for key in arrived.keys():  # noqa: SIM118
            there[key] = arrived[key]
    if old_materials:
        before.materials.clear()
        for material in old_materials:
            _forget(material)
        for material, called in zip(there.data.materials, names, strict=False):
            if material is not None and called:
                material.name = called


def _forget(material: Material | None) -> None:
    """Remove a material that nobody uses, with the images that only it shows."""
    if material is None or material.users:
        return
    tree: Any = material.node_tree
    images = [node.image for node in tree.nodes if node.type == "TEX_IMAGE" and node.image is not None] if tree else []
    bpy.data.materials.remove(material)
    for image in images:
        if not image.users:
            bpy.data.images.remove(image)


def _move(item: Object, root: Object, collection: Collection, arrived: Collection) -> None:
    """A part that the old result did not have."""
    above: Any = item.users_collection
    for one in list(above):
        if one == arrived:
            collection.objects.link(item)
            arrived.objects.unlink(item)
        elif one.name in arrived.children:
            collection.children.link(one)
            arrived.children.unlink(one)
    item.parent = root
