"""The parts of a result that can be exported: mesh, levels of detail and collider, in the scene or only in the job."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bpy.types import Context, Object

from ...addon.importers.parts import PART, PARTS, ResultPart, is_collider, is_shown, objects_of, parts_of
from ...addon.importers.provenance import FOLDER
from ...backend.grotto.contract import RESULT_FILE, Action, Result, bad_input

SHOWN = "SHOWN"


def exportable_parts(root: Object) -> list[ResultPart]:
    """List the meshes of a result, then its colliders."""
    parts = [part for part in parts_of(root) if part.kind == "mesh"]
    known = {part.path for part in parts_of(root)}
    custom: Any = root
    bodies = {item[PART] for item in custom.children if item.type == "MESH" and PART in item} - known
    folder = Path(custom[FOLDER])
    if not bodies and (folder / RESULT_FILE).is_file():
        bodies = {asset.path for asset in Result.read(folder).assets if is_collider(asset)}
    return parts + [ResultPart(path=path, kind="mesh", label="Collider") for path in sorted(bodies)]


def name_of(part: ResultPart) -> str:
    """Return the part's word for scripts: MESH, LOD_1, COLLIDER."""
    return part.label.upper().replace(" ", "_")


def chosen_part(root: Object, name: str) -> ResultPart:
    """Return the named part; SHOWN is the mesh or level of detail that is shown. Raises ProblemError."""
    parts = exportable_parts(root)
    if not parts:
        raise bad_input("the result has no mesh", "import a result with a mesh", Action.NONE)
    if name == SHOWN:
        return next((part for part in parts if is_shown(root, part.path)), parts[0])
    found = next((part for part in parts if name_of(part) == name), None)
    if found is None:
        known = ", ".join(name_of(part) for part in parts)
        raise bad_input(f"the result has no part {name}", f"choose one of {known}", Action.NONE)
    return found


def meshes_in_scene(root: Object, part: ResultPart) -> list[Object]:
    """Return the part's objects with faces."""
    return [item for item in objects_of(root, part.path) if item.type == "MESH"]


@contextmanager
def part_in_scene(context: Context, root: Object, part: ResultPart) -> Iterator[list[Object]]:
    """Yield the part's objects; one that the scene lacks is imported for the block. Raises ProblemError."""
    from ...addon.importers.result import import_part_steps, remove

    there = meshes_in_scene(root, part)
    if there:
        yield there
        return
    collections: Any = root.users_collection
    above = next((item for item in collections if PARTS in item), None)
    if above is None or part not in parts_of(root):
        raise bad_input(f"{part.label} of {root.name} is not in the scene", "import the job again", Action.NONE)
    before = set(above.children)
    try:
        for _ in import_part_steps(context, root, part.path):
            pass
        context.view_layer.update()
        yield meshes_in_scene(root, part)
    finally:
        for child in set(above.children) - before:
            remove(child)
