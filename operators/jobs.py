"""Cancel, retry, import and list jobs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import bpy
from bpy.props import BoolProperty, EnumProperty, StringProperty
from bpy.types import Context, Event, Operator

from ..addon import pictures
from ..addon.backend import connection, session
from ..addon.backend.client import BackendClient, JobStatus
from ..addon.preferences import preferences
from ..addon.properties import SKIP_SAVE, with_properties
from ..backend.grotto.contract import RESULT_FILE, Action, Cancelled, JobState, ProblemError, bad_input, missing_resource
from .running import blocking
from .running.arrival import TWICE
from .running.ending import CANCELLED, fail, finish, reporting_missing_packages, stop
from .running.importing import ImportOperator, run_steps
from .running.modal import JobOperator

if TYPE_CHECKING:
    from bpy.stub_internal.rna_enums import OperatorReturnItems


def _running_backend() -> BackendClient:
    client = connection.attach()
    if client is None:
        raise missing_resource("no backend is running", "start it first", Action.START_BACKEND)
    return client


@with_properties(job_id=StringProperty(name="Job", options=SKIP_SAVE))
class GROTTO_OT_job_cancel(Operator):
    """Stop a job; its finished stages are kept"""

    bl_idname = "grotto.job_cancel"
    bl_label = "Cancel Job"

    job_id: str

    def execute(self, context: Context) -> set[OperatorReturnItems]:
        try:
            with reporting_missing_packages():
                _running_backend().cancel(self.job_id)
        except ProblemError as error:
            return fail(self, error.problem)
        return finish(self)

    def invoke(self, context: Context, event: Event) -> set[OperatorReturnItems]:
        job_id = str(self.job_id)
        session.watcher().call(lambda client: client.cancel(job_id))
        return finish(self)


@with_properties(
    job_id=StringProperty(name="Job", options=SKIP_SAVE),
    redo=BoolProperty(
        name="Make anew",
        description="Repeat finished stages that another version of Grotto made",
        default=False,
        options=SKIP_SAVE,
    ),
)
class GROTTO_OT_job_retry(JobOperator):
    """Run a job again; finished stages are kept"""

    bl_idname = "grotto.job_retry"
    bl_label = "Retry Job"
    bl_options = {"UNDO"}

    job_id: str
    redo: bool

    def execute(self, context: Context) -> set[OperatorReturnItems]:
        try:
            with reporting_missing_packages():
                with blocking.interrupts() as interrupted, blocking.connected_client() as client:
                    job = blocking.run_job(client, self._submitter(), interrupted)
                from ..addon.importers.result import import_result

                imported = import_result(context, Path(job.out))
        except ProblemError as error:
            return fail(self, error.problem)
        except Cancelled:
            return stop(self)
        return finish(self, f"Imported {imported.collection.name}")

    def invoke(self, context: Context, event: Event) -> set[OperatorReturnItems]:
        session.watcher().dismiss()
        return self.follow(context, session.watcher().call(self._submitter(), start=True))

    def _submitter(self) -> Callable[[BackendClient], JobStatus]:
        job_id, redo = str(self.job_id), bool(self.redo)

        def retry(client: BackendClient) -> JobStatus:
            client.retry(job_id, redo=redo)
            return client.job(job_id)

        return retry


@with_properties(
    job_id=StringProperty(name="Job", options=SKIP_SAVE),
    twice=EnumProperty(name="If it is there", items=TWICE, options=SKIP_SAVE),
)
class GROTTO_OT_job_import(ImportOperator):
    """Import a finished job's result into the scene"""

    bl_idname = "grotto.job_import"
    bl_label = "Import Job"
    bl_options = {"UNDO"}

    job_id: str
    twice: str

    def execute(self, context: Context) -> set[OperatorReturnItems]:
        try:
            with reporting_missing_packages():
                job = _running_backend().job(self.job_id)
                if job.state is not JobState.DONE:
                    raise bad_input(f"the job is {job.state}", "import it when it is done", Action.NONE)
                imported = run_steps(self.import_steps(context, Path(job.out)))
        except ProblemError as error:
            return fail(self, error.problem)
        return finish(self, f"Imported {imported.collection.name}")

    def invoke(self, context: Context, event: Event) -> set[OperatorReturnItems]:
        job = session.status().job(self.job_id)
        if job is None:
            return self.show_problem(bad_input("the list has no such job", "choose another", Action.NONE).problem)
        return self.import_or_ask(context, Path(job.out), {"job_id": str(self.job_id)})


@with_properties(
    directory=StringProperty(name="Job folder", subtype="DIR_PATH", options=SKIP_SAVE),
    filter_glob=StringProperty(default=RESULT_FILE, options={"HIDDEN", "SKIP_SAVE"}),
    name=StringProperty(
        name="Name", description="Name of the collection. If empty, the name of the photos' folder", options=SKIP_SAVE
    ),
    on_wall=BoolProperty(name="On its wall", description="Place an element made for a wall on that wall", default=True),
    twice=EnumProperty(name="If it is there", items=TWICE, options=SKIP_SAVE),
)
class GROTTO_OT_import_result(ImportOperator):
    """Import a job folder into the scene. No backend is needed"""

    bl_idname = "grotto.import_result"
    bl_label = "Import Grotto Result"
    bl_options = {"UNDO"}

    directory: str
    filter_glob: str
    name: str
    on_wall: bool
    twice: str
    _in_browser = False

    def execute(self, context: Context) -> set[OperatorReturnItems]:
        folder = Path(bpy.path.abspath(self.directory))
        if self._in_browser:  # a click, too: step by step, as from the list of jobs
            self._in_browser = False
            again = {"directory": str(folder), "name": str(self.name), "on_wall": bool(self.on_wall)}
            bpy.ops.grotto.import_result("INVOKE_DEFAULT", **again)
            return CANCELLED  # the import that begins is what undo takes back
        try:
            with reporting_missing_packages():
                imported = run_steps(self.import_steps(context, folder))
        except ProblemError as error:
            return fail(self, error.problem)
        return finish(self, f"Imported {imported.collection.name}")

    def invoke(self, context: Context, event: Event) -> set[OperatorReturnItems]:
        if self.directory:
            folder = Path(bpy.path.abspath(self.directory))
            return self.import_or_ask(context, folder, {"directory": str(folder), "name": str(self.name)})
        self._in_browser = True
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}


@with_properties(job_id=StringProperty(options=SKIP_SAVE))
class GROTTO_OT_job_remove(Operator):
    """Remove a job from this list; its folder stays"""

    bl_idname = "grotto.job_remove"
    bl_label = "Remove from List"
    bl_options = {"INTERNAL"}

    job_id: str

    def execute(self, context: Context) -> set[OperatorReturnItems]:
        target = preferences()
        if target is not None:
            target.removed_jobs = " ".join({*target.removed_jobs.split(), self.job_id})
        pictures.forget(self.job_id)
        return finish(self)


CLASSES = (
    GROTTO_OT_job_cancel,
    GROTTO_OT_job_retry,
    GROTTO_OT_job_import,
    GROTTO_OT_import_result,
    GROTTO_OT_job_remove,
)
