"""Cancel, retry, import and list jobs."""

from __future__ import annotations

from collections.abc import Callable, Generator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import bpy
from bpy.props import BoolProperty, EnumProperty, StringProperty
from bpy.types import Context, Event, Operator

from ..addon import pictures
from ..addon.backend import connection, pending, session
from ..addon.backend.client import BackendClient, JobStatus, unknown_job
from ..addon.backend.pending import PendingImport
from ..addon.panels.job_rows import sync
from ..addon.preferences import preferences
from ..addon.properties import SKIP_SAVE, with_properties
from ..addon.recipes import FINDS
from ..addon.scene.smaller import smaller_options
from ..backend.grotto.contract import RESULT_FILE, Action, Cancelled, JobState, ProblemError, bad_input, missing_resource
from .elements import list_import
from .running import blocking
from .running.arrival import TWICE
from .running.ending import CANCELLED, fail, finish, reporting_missing_packages, stop
from .running.importing import ImportOperator, run_steps
from .running.imports import resubmit, result_import
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
    smaller=BoolProperty(
        name="Smaller", description="At the next lower quality, or at half its sizes", default=False, options=SKIP_SAVE
    ),
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
    smaller: bool

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
        resubmit(self._submitter(), str(self.job_id), result_import(context))
        return finish(self)

    def _submitter(self) -> Callable[[BackendClient], JobStatus]:
        job_id, redo, smaller = str(self.job_id), bool(self.redo), bool(self.smaller)

        def retry(client: BackendClient) -> JobStatus:
            if smaller:
                job = client.job(job_id)
                return client.submit(job.recipe, job.input, smaller_options(job.recipe, Path(job.out)), job.out)
            client.retry(job_id, redo=redo)
            return client.job(job_id)

        return retry


@with_properties(
    job_id=StringProperty(name="Job", options=SKIP_SAVE),
    twice=EnumProperty(name="If it is there", items=TWICE, options=SKIP_SAVE),
)
class GROTTO_OT_job_import(ImportOperator):
    """Import a finished job's result into the scene; of found elements, show the list"""

    bl_idname = "grotto.job_import"
    bl_label = "Import Job"
    bl_options = {"UNDO"}

    job_id: str
    twice: str

    _waiting: PendingImport | None = None

    def execute(self, context: Context) -> set[OperatorReturnItems]:
        try:
            with reporting_missing_packages():
                job = _running_backend().job(self.job_id)
                if job.state is not JobState.DONE:
                    raise bad_input(f"the job is {job.state}", "import it when it is done", Action.NONE)
                self._waiting = import_of(context, job)
                imported = run_steps(self.import_steps(context, Path(job.out)))
                said = self._said(context, imported, by_click=False)
        except ProblemError as error:
            return fail(self, error.problem)
        return finish(self, said)

    def invoke(self, context: Context, event: Event) -> set[OperatorReturnItems]:
        job = session.status().job(self.job_id)
        if job is None:
            return self.show_problem(unknown_job(self.job_id).problem)
        self._waiting = import_of(context, job)
        if self._waiting is not None:
            return self.import_folder(context, Path(job.out), job.id)
        return self.import_or_ask(context, Path(job.out), {"job_id": str(self.job_id)})

    def import_steps(self, context: Context, folder: Path) -> Generator[str, None, Any]:
        if self._waiting is not None:
            return self._waiting.steps(context, folder)
        return super().import_steps(context, folder)

    def imported(self, context: Context, imported: Any) -> set[OperatorReturnItems]:
        if self._waiting is None:
            return super().imported(context, imported)
        said = self._said(context, imported, by_click=True)
        self.end(context)
        return finish(self, said)

    def _said(self, context: Context, imported: Any, *, by_click: bool) -> str:
        """End the import and return the report."""
        if self._waiting is None:
            return self.import_message(imported)
        return self._waiting.end(context, imported, by_click)

    def interrupted(self, job_id: str) -> None:
        """Wait again: the window was closed, or another file was loaded."""
        if self._waiting is not None and job_id:
            pending.add(job_id, self._waiting)


def import_of(context: Context, job: JobStatus) -> PendingImport | None:
    """Return what waits for the job, or the list of the elements that it found; None for a result as a whole."""
    waiting = pending.take(job.id)
    return waiting if waiting is not None or job.recipe != FINDS else list_import(context)


@with_properties(job_id=StringProperty(name="Job", options=SKIP_SAVE))
class GROTTO_OT_offer_dismiss(Operator):
    """Hide this line; the job stays in the list"""

    bl_idname = "grotto.offer_dismiss"
    bl_label = "Hide"
    bl_options = {"INTERNAL"}

    job_id: str

    def execute(self, context: Context) -> set[OperatorReturnItems]:
        pending.take(self.job_id)
        session.redraw()
        return finish(self)


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
        sync()
        return finish(self)


CLASSES = (
    GROTTO_OT_job_cancel,
    GROTTO_OT_job_retry,
    GROTTO_OT_job_import,
    GROTTO_OT_offer_dismiss,
    GROTTO_OT_import_result,
    GROTTO_OT_job_remove,
)
