"""The extension's operators: they collect options, call the backend, and import results."""

from __future__ import annotations

from typing import Any

import bpy

from . import backend, create, drop, elements, jobs, options, parts, scene, strokes, windows
from .command import cli
from .export import mesh_file
from .running import follower

MODULES: tuple[Any, ...] = (backend, create, elements, drop, jobs, options, parts, scene, strokes, mesh_file, windows)
CLASSES: tuple[type[Any], ...] = tuple(cls for module in MODULES for cls in module.CLASSES)
COMMAND = "grotto"  # blender --command grotto scan PHOTOS --glb FILE

_command: Any = None


def register() -> None:
    global _command
    for cls in CLASSES:
        bpy.utils.register_class(cls)
    bpy.types.TOPBAR_MT_file_import.append(_import_entry)
    _command = bpy.utils.register_cli_command(COMMAND, cli.run)
    follower.register()


def unregister() -> None:
    follower.unregister()
    bpy.utils.unregister_cli_command(_command)
    bpy.types.TOPBAR_MT_file_import.remove(_import_entry)
    for cls in reversed(CLASSES):
        bpy.utils.unregister_class(cls)


def _import_entry(menu: Any, context: bpy.types.Context) -> None:
    menu.layout.operator("grotto.import_result", text="Grotto job (result.json)")
