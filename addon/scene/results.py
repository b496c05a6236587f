"""Finding imported results in a scene."""

from __future__ import annotations

from typing import Any

from bpy.types import Collection, Context, Object

from ..importers.parts import is_shown, objects_of, parts_of
from ..importers.provenance import RECIPE


def _is_ours(item: Any) -> bool:
    return RECIPE in item


def root_of(item: Object | None) -> Object | None:
    """The root empty above an object, or None where it came from elsewhere."""
    while item is not None:
        if _is_ours(item):
            return item
        item = item.parent
    return None


def roots(context: Context) -> list[Object]:
    return [item for item in context.scene.objects if _is_ours(item)]


def chosen_root(context: Context) -> Object | None:
    """The root of the active object, else the only or the latest root of the scene."""
    found = root_of(context.active_object)
    if found is not None:
        return found
    every = roots(context)
    return every[-1] if every else None


def collection_of(root: Object) -> Collection | None:
    return next((item for item in root.users_collection if _is_ours(item)), None)


def meshes_of(root: Object) -> list[Object]:
    """The result's mesh: the level of detail that is shown, else the main one. [] where the result has none."""
    paths = [part.path for part in parts_of(root) if part.kind == "mesh"]
    chosen = next((path for path in paths if is_shown(root, path)), paths[0] if paths else "")
    return [item for item in objects_of(root, chosen) if item.type == "MESH"] if chosen else []


def cameras_of(root: Object) -> list[Object]:
    return sorted((item for item in root.children if item.type == "CAMERA"), key=lambda item: item.name)
