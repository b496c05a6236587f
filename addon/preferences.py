"""The extension's preferences: where the backend is."""

from __future__ import annotations

import bpy
from bpy.props import StringProperty
from bpy.types import AddonPreferences, Context

from .backend import session

PACKAGE = __package__.rpartition(".")[0]  # the extension's root, under which Blender knows it


def _changed(self: GrottoPreferences, context: Context) -> None:
    session.read_preferences()


class GrottoPreferences(AddonPreferences):
    bl_idname = PACKAGE

    backend: StringProperty(  # type: ignore[valid-type]
        name="Backend",
        description="Folder where the backend was installed, or its program",
        subtype="FILE_PATH",
        update=_changed,
    )
    removed_jobs: StringProperty(options={"HIDDEN"})  # type: ignore[valid-type]

    def draw(self, context: Context) -> None:
        layout = self.layout
        row = layout.row(align=True)
        row.prop(self, "backend")
        row.operator("grotto.backend_find", text="Find", icon="VIEWZOOM")
        row.operator("grotto.backend_check", text="Check", icon="CHECKMARK")
        view = session.view()
        line = layout.row()
        version = f" ({view.version})" if view.version else ""
        line.label(text=f"{view.state.value}{version}", icon=session.state_icon())
        if view.problem is not None:
            layout.label(text=view.problem.sentence(), icon="ERROR")
        layout.label(text="The backend is a program of its own on this machine; nothing is installed into Blender.")


def preferences() -> GrottoPreferences | None:
    """The preferences, or None where the extension was registered without Blender's add-on system."""
    addon = bpy.context.preferences.addons.get(PACKAGE)
    return addon.preferences if addon else None


def removed_jobs() -> frozenset[str]:
    """Jobs that the user took off the list; their folders stay."""
    kept = preferences()
    return frozenset(kept.removed_jobs.split()) if kept else frozenset()


CLASSES = (GrottoPreferences,)
