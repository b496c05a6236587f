"""Find imported results in a scene."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bpy.types import Context, Object

from ..importers.parts import is_shown, objects_of, parts_of
from ..importers.provenance import FOLDER, RECIPE, SCALE
from ..importers.units import units_of
from ..recipes import ELEMENT


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


def roots_of_folder(context: Context, folder: Path) -> list[Object]:
    """Return the roots of a job's results in the scene, the latest last."""
    found: list[Any] = roots(context)
    return [root for root in found if Path(root.get(FOLDER, "")) == folder]


def scale_line(root: Any) -> str:
    """Return a sentence on the scale of a result."""
    scale, units = root.get(SCALE, "arbitrary"), units_of(root)
    if scale == "metric":
        return "Scale: metres" if units == 1.0 else f"Scale: metres, {units:.6g} units of this scene each"
    if scale == "arbitrary" and root.get(RECIPE) == ELEMENT.name:
        return "Scale: arbitrary, no height was given: set a known length"
    return "Scale: arbitrary, set a known length" if scale == "arbitrary" else f"Scale: {scale}"


def meshes_of(root: Object) -> list[Object]:
    """Return the objects of the shown level of detail, else of the main mesh. [] where the result has no mesh."""
    paths = [part.path for part in parts_of(root) if part.kind == "mesh"]
    chosen = next((path for path in paths if is_shown(root, path)), paths[0] if paths else "")
    return [item for item in objects_of(root, chosen) if item.type == "MESH"] if chosen else []


def cameras_of(root: Object) -> list[Object]:
    """Return the cameras of a result by name."""
    return sorted((item for item in root.children if item.type == "CAMERA"), key=lambda item: item.name)


def are_cameras_shown(root: Object) -> bool:
    """Whether all cameras of a result are shown."""
    return all(item.visible_get() for item in cameras_of(root))
