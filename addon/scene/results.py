"""Find imported results in a scene."""

from __future__ import annotations

from typing import Any

from bpy.types import Context, Object

from ..importers.parts import is_shown, objects_of, parts_of
from ..importers.provenance import RECIPE


def _is_result(item: Any) -> bool:
    return RECIPE in item


def root_of(item: Object | None) -> Object | None:
    """Return the root empty above an object, or None for an object that Grotto did not import."""
    while item is not None:
        if _is_result(item):
            return item
        item = item.parent
    return None


def roots(context: Context) -> list[Object]:
    """Return the roots of all results in the scene."""
    return [item for item in context.scene.objects if _is_result(item)]


def chosen_root(context: Context) -> Object | None:
    """Return the root of the active object, else the latest root of the scene."""
    found = root_of(context.active_object)
    if found is not None:
        return found
    every = roots(context)
    return every[-1] if every else None


def meshes_of(root: Object) -> list[Object]:
    """Return the objects of the shown level of detail, else of the main mesh. [] where the result has no mesh."""
    paths = [part.path for part in parts_of(root) if part.kind == "mesh"]
    chosen = next((path for path in paths if is_shown(root, path)), paths[0] if paths else "")
    return [item for item in objects_of(root, chosen) if item.type == "MESH"] if chosen else []


def cameras_of(root: Object) -> list[Object]:
    """Return the cameras of a result by name."""
    return sorted((item for item in root.children if item.type == "CAMERA"), key=lambda item: item.name)
