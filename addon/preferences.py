"""The extension's preferences: where the backend is."""

from __future__ import annotations

import textwrap
from pathlib import Path

import bpy
from bpy.props import BoolProperty, StringProperty
from bpy.types import AddonPreferences, Context

from ..backend.grotto.contract import Action
from .backend import session
from .backend.connection import BackendSettings
from .properties import with_properties

PROBLEM_COLUMNS = 90  # Blender cuts off long labels
PACKAGE = __package__.rpartition(".")[0]  # the extension's root, under which Blender lists it


def _changed(preferences: GrottoPreferences, context: Context) -> None:
    session.reload_settings()


@with_properties(
    backend=StringProperty(
        name="Backend",
        description="Folder where the backend is installed, or its program",
        subtype="FILE_PATH",
        update=_changed,
    ),
    show_new_results=BoolProperty(
        name="Show new results",
        description="After an import by a click: place the result beside what is in the scene, frame it in that 3D view, and "
        "show its texture",
        default=True,
    ),
    removed_jobs=StringProperty(options={"HIDDEN"}),
)
class GrottoPreferences(AddonPreferences):
    bl_idname = PACKAGE

    backend: str
    show_new_results: bool
    removed_jobs: str

    def draw(self, context: Context) -> None:
        layout = self.layout
        row = layout.row(align=True)
        row.prop(self, "backend")
        row.operator("grotto.backend_find", text="Find", icon="VIEWZOOM")
        row.operator("grotto.backend_check", text="Check", icon="CHECKMARK")
        status = session.status()
        line = layout.row()
        version = f" ({status.version})" if status.version else ""
        line.label(text=f"{status.state.value}{version}", icon=session.state_icon())
        if status.problem is not None:
            for number, text in enumerate(textwrap.wrap(status.problem.sentence(), PROBLEM_COLUMNS)):
                layout.label(text=text, icon="BLANK1" if number else "ERROR")
            if status.problem.action is Action.OPEN_LOG:
                layout.operator("grotto.open_log", text="Open log", icon="TEXT").job_id = status.problem_job
        layout.prop(self, "show_new_results")
        layout.label(text="The backend is a separate program on this machine; nothing is installed into Blender.")


def preferences() -> GrottoPreferences | None:
    """Return the preferences, or None where the extension was registered without Blender's add-on system."""
    addon = bpy.context.preferences.addons.get(PACKAGE)
    return addon.preferences if addon else None


def is_backend_set() -> bool:
    """Whether the preferences name a backend."""
    found = preferences()
    return found is not None and bool(found.backend.strip())


def shows_new_results() -> bool:
    """Whether an import by a click shows its result."""
    found = preferences()
    return found is None or bool(found.show_new_results)


def backend_settings() -> BackendSettings:
    """Return what threads need of the preferences. Main thread only."""
    found = preferences()
    try:
        folder = Path(bpy.utils.extension_path_user(PACKAGE, path="log", create=True))
    except ValueError:  # registered from a checkout, not as an installed extension
        folder = Path(bpy.app.tempdir)
    program = bpy.path.abspath(found.backend) if found is not None else ""
    return BackendSettings(program=program, log=folder / "backend.log", client_id=session.CLIENT_ID)


def removed_jobs() -> frozenset[str]:
    """Return the ids of jobs that the user removed from the list; their folders stay."""
    found = preferences()
    return frozenset(found.removed_jobs.split()) if found else frozenset()


CLASSES = (GrottoPreferences,)
