"""Replace a result in the scene by the result of the same job run again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import bpy
from bpy.types import Collection, Context, Material, Object

from .parts import LAYER, PART, PARTS, parts_of, show_only
from .provenance import SCALE, SCALE_POINTS
from .result import ImportedResult, ImportSteps, import_steps, remove
from .units import UNITS_IN_METRE, units_of

SAME = 1e-5  # relative difference of scales that Blender rounds


def replace_steps(context: Context, root: Object, folder: Path) -> ImportSteps:
    """Import step by step, then exchange the data: objects keep their names, locations, modifiers and collections.

    Levels of detail of the old result are removed; they are imported again on demand.
    """
    name = root.name
    collections: Any = root.users_collection
    collection: Collection = next(item for item in collections if PARTS in item)
    imported = yield from import_steps(context, folder, name)
    yield "replacing the old result"
    meshes = _exchange(root, collection, imported)
    custom: Any = root
    scaled = SCALE_POINTS in custom or any(abs(factor / units_of(root) - 1.0) > SAME for factor in custom.scale)
    own_scale = custom[SCALE] if scaled else None
    for target in (custom, collection):
        for key, value in imported.root.items():
            if key.startswith("grotto_") and key != UNITS_IN_METRE:  # the root keeps its scale
                target[key] = value
    if own_scale is not None:
        custom[SCALE] = own_scale  # the user has set the scale
    remove(imported.collection)
    main = next((part for part in parts_of(root) if part.kind == "mesh"), None)
    if main is not None:
        show_only(root, main.path)
    if context.mode == "OBJECT" and meshes:
        meshes[0].select_set(True)
        context.view_layer.objects.active = meshes[0]
    return ImportedResult(collection=collection, root=root, meshes=tuple(meshes))


def _exchange(root: Object, collection: Collection, imported: ImportedResult) -> list[Object]:
    """Move the imported data into the existing objects; return the meshes among these."""
    old: dict[tuple[str, ...], list[Object]] = {}
    for item in root.children:
        old.setdefault(_identity(item), []).append(item)
    meshes = []
    for item in list(imported.root.children):
        candidates = old.get(_identity(item))
        if candidates:
            existing = candidates.pop(0)
            _take_data(existing, item)
            if item.get(LAYER):
                existing.location = item.location  # the number of layers may have changed
        else:
            existing = item
            _move(item, root, collection, imported.collection)
        if item in imported.meshes:
            meshes.append(existing)
    unmatched: list[Any] = [item for items in old.values() for item in items]
    for item in unmatched:
        if PART in item:
            bpy.data.objects.remove(item)
    children: list[Any] = list(collection.children)
    for child in children:
        if PART in child and not child.objects:
            bpy.data.collections.remove(child)
    return meshes


def _identity(item: Object) -> tuple[str, ...]:
    """Return a key that is equal for objects that show the same thing of the old and of the new result."""
    return item.get(PART, ""), item.type, item.get(LAYER, "")


def _take_data(existing: Object, imported: Object) -> None:
    """Exchange the data of two objects; the imported data get the old names."""
    before: Any = existing.data
    name, old_materials = before.name, list(getattr(before, "materials", ()))
    names = [material.name if material else "" for material in old_materials]
    existing.data, imported.data = imported.data, before
    before.name, existing.data.name = f"{name} before", name
    if existing.type == "CAMERA":
        existing.matrix_basis = imported.matrix_basis  # it looks at the new body
        for key, value in imported.items():
            existing[key] = value
    if old_materials:
        before.materials.clear()
        for material in old_materials:
            _remove_unused(material)
        for material, old_name in zip(existing.data.materials, names, strict=False):
            if material is not None and old_name:
                material.name = old_name


def _remove_unused(material: Material | None) -> None:
    """Remove a material without users, and images that only it uses."""
    if material is None or material.users:
        return
    tree: Any = material.node_tree
    images = [node.image for node in tree.nodes if node.type == "TEX_IMAGE" and node.image is not None] if tree else []
    bpy.data.materials.remove(material)
    for image in images:
        if not image.users:
            bpy.data.images.remove(image)


def _move(item: Object, root: Object, collection: Collection, imported: Collection) -> None:
    """Move an object that the old result did not have."""
    above: Any = item.users_collection
    for one in list(above):
        if one == imported:
            collection.objects.link(item)
            imported.objects.unlink(item)
        elif one.name in imported.children:
            collection.children.link(one)
            imported.children.unlink(one)
    item.parent = root
