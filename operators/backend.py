"""Find, check, start and stop the backend."""

from __future__ import annotations

from typing import TYPE_CHECKING

import bpy
from bpy.props import BoolProperty
from bpy.types import Context, Event, Operator

from ..addon.backend import connection, program, session
from ..addon.backend.connection import BackendState
from ..addon.preferences import preferences
from ..addon.properties import SKIP_SAVE, with_properties
from ..backend.grotto.contract import Action, JobState, ProblemError, missing_resource
from .running import blocking
from .running.ending import fail, finish, reporting_missing_packages

if TYPE_CHECKING:
    from bpy.stub_internal.rna_enums import OperatorReturnItems


class GROTTO_OT_backend_find(Operator):
    """Look for the backend on this machine"""

    bl_idname = "grotto.backend_find"
    bl_label = "Find Backend"

    def execute(self, context: Context) -> set[OperatorReturnItems]:
        found, target = program.find(), preferences()
        if found is None or target is None:
            problem = missing_resource(
                "no backend was found on this machine", "install it, or choose its folder", Action.OPEN_PREFERENCES
            )
            return fail(self, problem.problem)
        target.backend = str(found)
        return finish(self, f"Found {found}")


def start_and_wait(operator: Operator) -> set[OperatorReturnItems]:
    """Start the backend if none runs, and end with a report."""
    try:
        with reporting_missing_packages():
            client, process = connection.ensure(session.backend_settings())
            blocking.reap(process)
    except ProblemError as error:
        return fail(operator, error.problem)
    return finish(operator, f"Backend {client.runtime.version} is running")


class GROTTO_OT_backend_check(Operator):
    """Start the backend if none runs, and report whether it works"""

    bl_idname = "grotto.backend_check"
    bl_label = "Check Backend"

    def execute(self, context: Context) -> set[OperatorReturnItems]:
        if session.status().state is BackendState.STARTING:
            return finish(self, "The backend is still starting: check again in a moment")
        return start_and_wait(self)

    def invoke(self, context: Context, event: Event) -> set[OperatorReturnItems]:
        if session.status().state is not BackendState.STARTING:
            session.watcher().start_backend()
        return finish(self)


class GROTTO_OT_backend_start(Operator):
    """Start the backend, a separate program on this machine"""

    bl_idname = "grotto.backend_start"
    bl_label = "Start Backend"

    def execute(self, context: Context) -> set[OperatorReturnItems]:
        return start_and_wait(self)

    def invoke(self, context: Context, event: Event) -> set[OperatorReturnItems]:
        session.watcher().start_backend()
        return finish(self)


@with_properties(
    force=BoolProperty(name="Interrupt jobs", description="Stop even while a job runs", default=False, options=SKIP_SAVE)
)
class GROTTO_OT_backend_stop(Operator):
    """Stop the backend. Running jobs are interrupted; their finished stages are kept"""

    bl_idname = "grotto.backend_stop"
    bl_label = "Stop Backend"

    force: bool

    def execute(self, context: Context) -> set[OperatorReturnItems]:
        if not bpy.app.background:
            session.watcher().stop_backend(force=self.force)
            return finish(self)
        try:
            with reporting_missing_packages():
                client = connection.attach()
                if client is not None:
                    connection.stop(client, force=self.force)
        except ProblemError as error:
            return fail(self, error.problem)
        return finish(self)

    def invoke(self, context: Context, event: Event) -> set[OperatorReturnItems]:
        active = session.status().active
        if active:
            self.force = True
            running = ", ".join(f"{job.name} is at {job.fraction:.0%}" for job in active if job.state is JobState.RUNNING)
            waiting = sum(job.state is JobState.QUEUED for job in active)
            words = [*([running] if running else []), *([f"{waiting} jobs wait"] if waiting else []), "finished stages are kept"]
            return context.window_manager.invoke_confirm(
                self, event, title="Stop the backend?", message="; ".join(words), confirm_text="Stop"
            )
        return self.execute(context)


CLASSES = (GROTTO_OT_backend_find, GROTTO_OT_backend_check, GROTTO_OT_backend_start, GROTTO_OT_backend_stop)
