"""The extension inside Blender: preferences, settings, panels, the connection to the backend, importers, studio."""

from __future__ import annotations

from typing import Any

import bpy
from bpy.props import CollectionProperty, IntProperty, PointerProperty

from . import panels, pictures, preferences
from .backend import session
from .scene import settings

CLASSES: tuple[type[Any], ...] = (*settings.CLASSES, *preferences.CLASSES, *panels.CLASSES)


def register() -> None:
    for cls in CLASSES:
        bpy.utils.register_class(cls)
    bpy.types.Scene.grotto = PointerProperty(type=settings.GrottoSettings)
    bpy.types.WindowManager.grotto_exit_code = IntProperty(
        name="Exit code",
        description="Exit code of the last Grotto operator: 0 done, 1 bug, 2 bad input, 3 missing resource, 130 cancelled",
        get=lambda _manager: session.exit_code(),
    )
    bpy.types.WindowManager.grotto_jobs = CollectionProperty(type=panels.GrottoJobRow, options={"SKIP_SAVE"})
    bpy.types.WindowManager.grotto_job_index = IntProperty(options={"SKIP_SAVE"})
    bpy.types.IMAGE_HT_header.append(panels.draw_header)
    bpy.types.STATUSBAR_HT_header.append(panels.draw_status_bar)
    session.register(preferences.backend_settings, panels.sync)


def unregister() -> None:
    session.unregister()
    pictures.release()
    bpy.types.STATUSBAR_HT_header.remove(panels.draw_status_bar)
    bpy.types.IMAGE_HT_header.remove(panels.draw_header)
    del bpy.types.WindowManager.grotto_job_index
    del bpy.types.WindowManager.grotto_jobs
    del bpy.types.WindowManager.grotto_exit_code
    del bpy.types.Scene.grotto
    for cls in reversed(CLASSES):
        bpy.utils.unregister_class(cls)
