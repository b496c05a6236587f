"""Looking after jobs: cancel, retry, import, and the list."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import bpy
from bpy.props import BoolProperty, StringProperty
from bpy.types import Context, Event, Operator

from ..addon import pictures
from ..addon.backend import reach as backend
from ..addon.backend import session
from ..addon.backend.client import Client, Job
from ..addon.preferences import preferences
from ..backend.grotto.contract import RESULT_FILE, Action, Cancelled, JobState, ProblemError, bad_input, missing_resource
from .command import batch
from .ending import fail, finish, missing_packages_told, stop
from .following import Following

if TYPE_CHECKING:
    from bpy.stub_internal.rna_enums import OperatorReturnItems

SKIP = {"SKIP_SAVE"}


def _running_backend() -> Client:
    client = backend.attach()
    if client is None:
        raise missing_resource("no backend is running", "start it first", Action.START_BACKEND)
    return client


class GROTTO_OT_job_cancel(Operator):
    """Stop a job; its finished stages are kept"""

    bl_idname = "grotto.job_cancel"
    bl_label = "Cancel Job"

    job_id: StringProperty(name="Job", options=SKIP)  # type: ignore[valid-type]

    def execute(self, context: Context) -> set[OperatorReturnItems]:
        try:
            with missing_packages_told():
                _running_backend().cancel(self.job_id)
        except ProblemError as error:
            return fail(self, error.problem)
        return finish(self)

    def invoke(self, context: Context, event: Event) -> set[OperatorReturnItems]:
        job_id = str(self.job_id)
        session.watch().ask(lambda client: client.cancel(job_id))
        return finish(self)


class GROTTO_OT_job_retry(Following):
    """Run a job again; finished stages are kept"""

    bl_idname = "grotto.job_retry"
    bl_label = "Retry Job"
    bl_options = {"UNDO"}

    job_id: StringProperty(name="Job", options=SKIP)  # type: ignore[valid-type]

    def execute(self, context: Context) -> set[OperatorReturnItems]:
        try:
            with missing_packages_told():
                with batch.interrupts() as interrupted, batch.connection() as client:
                    job = batch.do(client, self._retry(), interrupted)
                from ..addon.importers.result import import_result

                arrival = import_result(context, Path(job.out))
        except ProblemError as error:
            return fail(self, error.problem)
        except Cancelled:
            return stop(self)
        return finish(self, f"Imported {arrival.collection.name}")

    def invoke(self, context: Context, event: Event) -> set[OperatorReturnItems]:
        session.watch().dismiss()
        return self.follow(context, session.watch().ask(self._retry(), start=True))

    def _retry(self) -> Callable[[Client], Job]:
        job_id = str(self.job_id)

        def retry(client: Client) -> Job:
            client.retry(job_id)
            return client.job(job_id)

        return retry


class GROTTO_OT_job_import(Following):
    """Bring a finished job's result into the scene"""

    bl_idname = "grotto.job_import"
    bl_label = "Import Job"
    bl_options = {"UNDO"}

    job_id: StringProperty(name="Job", options=SKIP)  # type: ignore[valid-type]

    def execute(self, context: Context) -> set[OperatorReturnItems]:
        try:
            with missing_packages_told():
                job = _running_backend().job(self.job_id)
                if job.state is not JobState.DONE:
                    raise bad_input(f"the job is {job.state}", "import it when it is done", Action.NONE)
                from ..addon.importers.result import import_result

                arrival = import_result(context, Path(job.out))
        except ProblemError as error:
            return fail(self, error.problem)
        return finish(self, f"Imported {arrival.collection.name}")

    def invoke(self, context: Context, event: Event) -> set[OperatorReturnItems]:
        job = session.view().job(self.job_id)
        if job is None:
            return self._refuse(bad_input("the list has no such job", "choose another", Action.NONE).problem)
        return self.take(context, Path(job.out))


class GROTTO_OT_import_result(Following):
    """Bring a job folder into the scene; needs no backend"""

    bl_idname = "grotto.import_result"
    bl_label = "Import Grotto Result"
    bl_options = {"UNDO"}

    directory: StringProperty(name="Job folder", subtype="DIR_PATH", options=SKIP)  # type: ignore[valid-type]
    filter_glob: StringProperty(default=RESULT_FILE, options={"HIDDEN", "SKIP_SAVE"})  # type: ignore[valid-type]
    name: StringProperty(  # type: ignore[valid-type]
        name="Name", description="Of the collection; empty takes the photos' folder", options=SKIP
    )
    on_wall: BoolProperty(  # type: ignore[valid-type]
        name="On its wall", description="An element that was made for a wall takes its place there", default=True
    )

    def execute(self, context: Context) -> set[OperatorReturnItems]:
        try:
            with missing_packages_told():
                from ..addon.importers.result import import_result

                folder = Path(bpy.path.abspath(self.directory))
                arrival = import_result(context, folder, self.name, self.on_wall)
        except ProblemError as error:
            return fail(self, error.problem)
        return finish(self, f"Imported {arrival.collection.name}")

    def invoke(self, context: Context, event: Event) -> set[OperatorReturnItems]:
        if self.directory:
            return self.take(context, Path(bpy.path.abspath(self.directory)))
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}


class GROTTO_OT_job_remove(Operator):
    """Take a job off this list; its folder stays"""

    bl_idname = "grotto.job_remove"
    bl_label = "Remove from List"
    bl_options = {"INTERNAL"}

    job_id: StringProperty(options=SKIP)  # type: ignore[valid-type]

    def execute(self, context: Context) -> set[OperatorReturnItems]:
        kept = preferences()
        if kept is not None:
            kept.removed_jobs = " ".join({*kept.removed_jobs.split(), self.job_id})
        pictures.forget(self.job_id)
        return finish(self)


CLASSES = (
    GROTTO_OT_job_cancel,
    GROTTO_OT_job_retry,
    GROTTO_OT_job_import,
    GROTTO_OT_import_result,
    GROTTO_OT_job_remove,
)
