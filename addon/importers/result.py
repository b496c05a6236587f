"""Import a job's result into the scene: one collection with one root, step by step, so that Blender stays responsive."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bpy
import numpy as np
from bpy.types import Collection, Context, Object

from ...backend.grotto.contract import RESULT_FILE, Result, bad_input
from ..names import name_of_input
from .assets import import_cameras, import_collider, import_part
from .builders.on_wall import put_on_wall
from .builders.picture_camera import PICTURE_FRAME, build_picture_camera
from .parts import PARTS, is_collider, parts_of, parts_of_result, parts_text, set_shown
from .provenance import FOLDER, provenance, set_properties
from .target import ImportTarget
from .units import set_units, units_in_metre

AXES_FRACTION = 0.1  # size of the root's axes as a fraction of the mesh


@dataclass(frozen=True)
class ImportedResult:
    """What an import added to the scene."""

    collection: Collection
    root: Object
    meshes: tuple[Object, ...]
    is_new: bool = False  # a result that the scene did not have


ImportSteps = Generator[str, None, ImportedResult]


def read_result(folder: Path) -> Result:
    """Read the result in a job folder. Raises ProblemError where there is none."""
    if not (folder / RESULT_FILE).is_file():
        raise bad_input(f"{folder} holds no finished job", f"choose a job folder with a {RESULT_FILE}")
    try:
        return Result.read(folder)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise bad_input(f"{folder / RESULT_FILE} can not be read ({error})", "run the job again") from error


def import_result(context: Context, folder: Path, name: str = "", on_wall: bool = True) -> ImportedResult:
    """Import in one call, for scripts."""
    steps = import_steps(context, folder, name, on_wall)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value


def import_steps(context: Context, folder: Path, name: str = "", on_wall: bool = True) -> ImportSteps:
    """Import step by step; each step yields the name of the next. A step that fails removes what was imported.

    Mesh, splats, points, cameras and orthophoto come under one root empty, in the result's frame. Of overlapping parts the
    first is shown; levels of detail are imported on demand. The units of the scene are not changed: where a unit of the scene
    is not a metre, the root of a result in metres is scaled. Edit Mode is left.
    on_wall: place an element that was made for a wall on that wall.
    """
    result = read_result(folder)
    name = name or _name_of(folder, result)
    leave_edit_mode(context)
    collection = bpy.data.collections.new(name)
    context.scene.collection.children.link(collection)
    try:
        target = ImportTarget(folder, result, name, collection, bpy.data.objects.new(name, None))
        imported = yield from _all_steps(target)
        scene: Any = context.scene
        units = units_in_metre(scene, result)
        set_units(imported.root, units)
        if on_wall:
            put_on_wall(context, imported.root, result, units)
        _select(context, imported.meshes[0] if imported.meshes else imported.root)
    except BaseException:
        remove(collection)
        raise
    return imported


def _all_steps(target: ImportTarget) -> ImportSteps:
    """Import the root, then parts, colliders and cameras, in this order."""
    root, result = target.root, target.result
    root.empty_display_type = "PLAIN_AXES"
    target.collection.objects.link(root)
    parts = parts_of_result(result)
    values = provenance(target.folder, result) | {PARTS: parts_text(parts)}
    set_properties(root, values)
    set_properties(target.collection, values)
    meshes: list[Object] = []
    shown = False
    for part in parts:
        asset = result.main(part.kind)
        if asset is None or asset.path != part.path:
            continue  # a level of detail
        yield part.label.lower()
        objects = yield from import_part(target, part)
        for item in objects:
            set_shown(item, not shown)
        meshes += objects if part.kind == "mesh" else []
        shown = shown or bool(objects)
    for asset in filter(is_collider, result.assets):
        yield "collider"
        import_collider(target, asset)
    cameras = result.main("cameras")
    if cameras is not None:
        yield "cameras"
        yield from import_cameras(target, cameras)
    if PICTURE_FRAME in result.facts:
        yield "the picture's camera"
        camera = build_picture_camera(f"{target.name} Picture", result, target.path)
        set_shown(target.add(camera, target.collection), False)
    if meshes:
        root.empty_display_size = AXES_FRACTION * float(np.max(np.array(meshes[0].dimensions))) or 1.0
    return ImportedResult(collection=target.collection, root=root, meshes=tuple(meshes), is_new=True)


def leave_edit_mode(context: Context) -> None:
    """Enter Object Mode: in others an import can neither select nor convert objects."""
    change: Any = bpy.ops.object.mode_set
    if context.mode != "OBJECT" and change.poll():
        change(mode="OBJECT")


def select_result(context: Context, root: Object) -> None:
    """Select the mesh of a result that is in the scene, else its root, and make it active."""
    leave_edit_mode(context)
    _select(context, next((item for item in root.children if item.type == "MESH" and item.visible_get()), root))


def _select(context: Context, chosen: Object) -> None:
    if context.mode != "OBJECT":
        return
    for item in list(context.selected_objects):
        item.select_set(False)
    chosen.select_set(True)
    context.view_layer.objects.active = chosen


def import_part_steps(context: Context, root: Object, path: str) -> ImportSteps:
    """Import one more part of a result that is in the scene, step by step. Raises ProblemError."""
    custom: Any = root
    folder, above = Path(custom[FOLDER]), custom.users_collection
    part = next((part for part in parts_of(root) if part.path == path), None)
    collection = next((item for item in above if PARTS in item), None)
    if part is None or collection is None:
        raise bad_input(f"{root.name} has no part {path}", "import the job again")
    before = set(collection.children)
    target = ImportTarget(folder, read_result(folder), root.name, collection, root)
    try:
        objects = yield from import_part(target, part)
    except BaseException:
        for child in set(collection.children) - before:
            remove(child)
        raise
    return ImportedResult(collection=collection, root=root, meshes=tuple(objects))


def remove(collection: Collection) -> None:
    """Remove an imported collection with all data that only it uses."""
    for item in list(collection.all_objects):
        data, groups = item.data, [modifier.node_group for modifier in item.modifiers if modifier.type == "NODES"]
        bpy.data.objects.remove(item)
        unused = [block for block in (data, *groups) if block is not None and block.users == 0]
        if unused:
            bpy.data.batch_remove(unused)
    for child in list(collection.children_recursive):
        bpy.data.collections.remove(child)
    bpy.data.collections.remove(collection)


def _name_of(folder: Path, result: Result) -> str:
    return name_of_input(str(result.job.get("request", {}).get("input", ""))) or folder.name
