"""Open preferences, folders and logs; choose sources; dismiss the problem card."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import bpy
from bpy.props import StringProperty
from bpy.types import Context, Event, Operator

from ..addon.backend import session
from ..addon.preferences import PACKAGE
from ..addon.properties import SKIP_SAVE, with_properties
from ..addon.scene.settings import chosen_recipe, chosen_settings
from ..backend.grotto.contract import LOG_FILE, Action, bad_input
from .running.ending import fail, finish

if TYPE_CHECKING:
    from bpy.stub_internal.rna_enums import OperatorReturnItems


class GROTTO_OT_open_preferences(Operator):
    """Show the preferences of this extension"""

    bl_idname = "grotto.open_preferences"
    bl_label = "Grotto Preferences"

    def execute(self, context: Context) -> set[OperatorReturnItems]:
        bpy.ops.preferences.addon_show(module=PACKAGE)
        return finish(self)


@with_properties(folder=StringProperty(subtype="DIR_PATH", options=SKIP_SAVE))
class GROTTO_OT_open_folder(Operator):
    """Show a folder in the system's file browser"""

    bl_idname = "grotto.open_folder"
    bl_label = "Open Folder"
    bl_options = {"INTERNAL"}

    folder: str

    def execute(self, context: Context) -> set[OperatorReturnItems]:
        if not self.folder.strip():
            return fail(self, bad_input("no folder is named", "choose a result or a job", Action.NONE).problem)
        if not Path(self.folder).is_dir():
            return fail(self, bad_input(f"{self.folder} does not exist", "run the job again", Action.NONE).problem)
        bpy.ops.wm.path_open(filepath=self.folder)
        return finish(self)


@with_properties(job_id=StringProperty(options=SKIP_SAVE))
class GROTTO_OT_open_log(Operator):
    """Show the log of a job, or of the backend"""

    bl_idname = "grotto.open_log"
    bl_label = "Open Log"
    bl_options = {"INTERNAL"}

    job_id: str

    def execute(self, context: Context) -> set[OperatorReturnItems]:
        job = session.status().job(self.job_id)
        log = Path(job.out) / LOG_FILE if job is not None else session.backend_settings().log
        if not log.is_file():
            return fail(self, bad_input(f"{log} does not exist", "try again after the next start", Action.NONE).problem)
        bpy.ops.wm.path_open(filepath=str(log))
        return finish(self)


def _choose(context: Context, path: str) -> None:
    chosen_settings(context.scene.grotto).source = path
    if session.status().problem is not None:
        session.watcher().dismiss()


@with_properties(directory=StringProperty(subtype="DIR_PATH", options=SKIP_SAVE))
class GROTTO_OT_choose_source(Operator):
    """Choose the folder of photos"""

    bl_idname = "grotto.choose_source"
    bl_label = "Choose Folder of Photos"
    bl_options = {"UNDO"}

    directory: str

    def execute(self, context: Context) -> set[OperatorReturnItems]:
        _choose(context, self.directory)
        return finish(self)

    def invoke(self, context: Context, event: Event) -> set[OperatorReturnItems]:
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}


@with_properties(
    filepath=StringProperty(subtype="FILE_PATH", options=SKIP_SAVE),
    filter_glob=StringProperty(options={"HIDDEN", "SKIP_SAVE"}),
)
class GROTTO_OT_choose_source_file(Operator):
    """Choose a video, or a transforms.json with known cameras, instead of a folder of photos"""

    bl_idname = "grotto.choose_source_file"
    bl_label = "Choose Video or Cameras"
    bl_options = {"UNDO"}

    filepath: str
    filter_glob: str

    def execute(self, context: Context) -> set[OperatorReturnItems]:
        _choose(context, self.filepath)
        return finish(self)

    def invoke(self, context: Context, event: Event) -> set[OperatorReturnItems]:
        suffixes = chosen_recipe(context.scene.grotto).source_suffixes
        self.filter_glob = ";".join(f"*{suffix}" for suffix in suffixes)
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}


class GROTTO_OT_dismiss_problem(Operator):
    """Hide this message"""

    bl_idname = "grotto.dismiss_problem"
    bl_label = "Dismiss"
    bl_options = {"INTERNAL"}

    def execute(self, context: Context) -> set[OperatorReturnItems]:
        if session.status().problem is not None:
            session.watcher().dismiss()
        return finish(self)


CLASSES = (
    GROTTO_OT_open_preferences,
    GROTTO_OT_open_folder,
    GROTTO_OT_open_log,
    GROTTO_OT_choose_source,
    GROTTO_OT_choose_source_file,
    GROTTO_OT_dismiss_problem,
)
