"""Prepare a scene for an exporter, and leave it afterwards as it was."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import bpy
from bpy.types import Context, Object
from mathutils import Matrix

from ...addon.importers.parts import layers
from ...backend.grotto.contract import Action, bad_input


def refuse_excluded(context: Context, meshes: Sequence[Object]) -> None:
    """Raise ProblemError where a mesh is not in the view layer: no exporter writes it."""
    objects: Any = context.view_layer.objects
    for item in meshes:
        if objects.get(item.name) == item:
            continue
        excluded = [layer.name for layer in layers(context.view_layer.layer_collection) if layer.exclude]
        names = [name for name in excluded if item.name in bpy.data.collections[name].all_objects]
        if names:
            raise bad_input(
                f"the collection {names[0]} is excluded from the view layer {context.view_layer.name}",
                "tick it in the Outliner, and export again",
                Action.NONE,
            )
        raise bad_input(f"{item.name} is not in this scene", "open the scene that holds it, and export there", Action.NONE)


@contextmanager
def object_mode(context: Context) -> Iterator[None]:
    """Leave Edit Mode inside the block."""
    before = context.mode
    if before != "OBJECT":
        bpy.ops.object.mode_set(mode="OBJECT")
    try:
        yield
    finally:
        if before == "EDIT_MESH":
            bpy.ops.object.mode_set(mode="EDIT")


@contextmanager
def _values(changes: Sequence[tuple[Any, str, Any]]) -> Iterator[None]:
    """Set attributes inside the block."""
    before = [(holder, name, getattr(holder, name)) for holder, name, _ in changes]
    try:
        for holder, name, value in changes:
            setattr(holder, name, value)
        yield
    finally:
        for holder, name, value in reversed(before):
            setattr(holder, name, value)


@contextmanager
def selected_alone(context: Context, meshes: Sequence[Object]) -> Iterator[None]:
    """Show and select the meshes alone inside the block: what is hidden cannot be selected, and would not be written."""
    layer = context.view_layer
    # An object that was hidden while selected stays selected, and would be written too.
    selected, active = [item for item in layer.objects if item.select_get()], layer.objects.active
    above = [one for one in layers(layer.layer_collection) if any(item.name in one.collection.all_objects for item in meshes)]
    changes: list[tuple[Any, str, Any]] = [(one, "hide_viewport", False) for one in above]
    for holder in (*(one.collection for one in above[1:]), *meshes):
        changes += [(holder, "hide_viewport", False), (holder, "hide_select", False)]
    hidden = [item for item in meshes if item.hide_get()]
    with _values([change for change in changes if getattr(change[0], change[1])]):
        try:
            for item in selected:
                item.select_set(False)
            for item in hidden:
                item.hide_set(False)
            for item in meshes:
                item.select_set(True)
            layer.objects.active = meshes[0]
            yield
        finally:
            for item in meshes:
                item.select_set(False)
            for item in hidden:
                item.hide_set(True)
            for item in selected:
                item.select_set(True)
            layer.objects.active = active


def active_modifiers(meshes: Sequence[Object]) -> list[Any]:
    """Return the modifiers that the viewport shows."""
    return [modifier for item in meshes for modifier in item.modifiers if modifier.show_viewport]


@contextmanager
def without_modifiers(context: Context, meshes: Sequence[Object]) -> Iterator[None]:
    """Switch the meshes' modifiers off inside the block."""
    with _values([(modifier, "show_viewport", False) for modifier in active_modifiers(meshes)]):
        context.view_layer.update()
        yield
    context.view_layer.update()


@contextmanager
def in_metres(context: Context, root: Object, metres: float) -> Iterator[None]:
    """Scale the result by the length of the scene's unit inside the block, for formats that count in metres."""
    if metres == 1.0:
        yield
        return
    before = root.matrix_world.copy()
    root.matrix_world = Matrix.Scale(metres, 4) @ before
    context.view_layer.update()
    try:
        yield
    finally:
        root.matrix_world = before
        context.view_layer.update()
