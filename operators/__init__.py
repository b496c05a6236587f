"""What a user can do: thin operators that collect options, call the client, and import."""

from __future__ import annotations

from typing import Any

import bpy

from . import backend, create, drop, elements, jobs, parts, scene, strokes, windows
from .command import line as command
from .export import operators as export

CLASSES: tuple[type[Any], ...] = (
    *backend.CLASSES, *create.CLASSES, *elements.CLASSES, *drop.CLASSES, *jobs.CLASSES, *parts.CLASSES, *scene.CLASSES,
    *strokes.CLASSES, *export.CLASSES, *windows.CLASSES,
)  # fmt: skip
COMMAND = "grotto"  # blender --command grotto scan PHOTOS --glb FILE

_command: Any = None


def register() -> None:
    global _command
    for cls in CLASSES:
        bpy.utils.register_class(cls)
    bpy.types.TOPBAR_MT_file_import.append(_import_entry)
    _command = bpy.utils.register_cli_command(COMMAND, command.run)


def unregister() -> None:
    bpy.utils.unregister_cli_command(_command)
    bpy.types.TOPBAR_MT_file_import.remove(_import_entry)
    for cls in reversed(CLASSES):
        bpy.utils.unregister_class(cls)


def _import_entry(menu: Any, context: bpy.types.Context) -> None:
    menu.layout.operator("grotto.import_result", text="Grotto job (result.json)")
