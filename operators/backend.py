"""The backend's life: find, check, start, stop."""

from __future__ import annotations

from typing import TYPE_CHECKING

import bpy
from bpy.props import BoolProperty
from bpy.types import Context, Event, Operator

from ..addon.backend import program as backend_program
from ..addon.backend import reach as backend
from ..addon.backend import session
from ..addon.backend.reach import BackendState
from ..addon.preferences import preferences
from ..backend.grotto.contract import Action, ProblemError, missing_resource
from .command import batch
from .ending import fail, finish, missing_packages_told

if TYPE_CHECKING:
    from bpy.stub_internal.rna_enums import OperatorReturnItems


class GROTTO_OT_backend_find(Operator):
    """Look for the backend on this machine"""

    bl_idname = "grotto.backend_find"
    bl_label = "Find Backend"

    def execute(self, context: Context) -> set[OperatorReturnItems]:
        found, kept = backend_program.find(), preferences()
        if found is None or kept is None:
            problem = missing_resource(
                "no backend was found on this machine", "install it, or choose its folder", Action.OPEN_PREFERENCES
            )
            return fail(self, problem.problem)
        kept.backend = str(found)
        return finish(self, f"Found {found}")


class GROTTO_OT_backend_check(Operator):
    """Start the backend where none runs, and say in plain words whether it can be used"""

    bl_idname = "grotto.backend_check"
    bl_label = "Check Backend"

    def execute(self, context: Context) -> set[OperatorReturnItems]:
        if session.view().state is BackendState.STARTING:
            return finish(self, "The backend is still starting: ask again in a moment")
        try:
            with missing_packages_told():
                client, process = backend.ensure(session.backend_settings())
                batch.reap(process)
        except ProblemError as error:
            return fail(self, error.problem)
        return finish(self, f"Backend {client.runtime.version} is running")

    def invoke(self, context: Context, event: Event) -> set[OperatorReturnItems]:
        if session.view().state is not BackendState.STARTING:
            session.watch().ask_start()
        return finish(self)


class GROTTO_OT_backend_start(Operator):
    """Start the backend, a program of its own on this machine"""

    bl_idname = "grotto.backend_start"
    bl_label = "Start Backend"

    def execute(self, context: Context) -> set[OperatorReturnItems]:
        try:
            with missing_packages_told():
                client, process = backend.ensure(session.backend_settings())
                batch.reap(process)
        except ProblemError as error:
            return fail(self, error.problem)
        return finish(self, f"Backend {client.runtime.version} is running")

    def invoke(self, context: Context, event: Event) -> set[OperatorReturnItems]:
        session.watch().ask_start()
        return finish(self)


class GROTTO_OT_backend_stop(Operator):
    """Stop the backend; jobs that run are interrupted, their finished stages are kept"""

    bl_idname = "grotto.backend_stop"
    bl_label = "Stop Backend"

    force: BoolProperty(  # type: ignore[valid-type]
        name="Interrupt jobs", description="Stop even while a job runs", default=False, options={"SKIP_SAVE"}
    )

    def execute(self, context: Context) -> set[OperatorReturnItems]:
        if not bpy.app.background:
            session.watch().ask_stop(force=self.force)
            return finish(self)
        try:
            with missing_packages_told():
                client = backend.attach()
                if client is not None:
                    backend.stop(client, force=self.force)
        except ProblemError as error:
            return fail(self, error.problem)
        return finish(self)

    def invoke(self, context: Context, event: Event) -> set[OperatorReturnItems]:
        if session.view().active:
            self.force = True
            return context.window_manager.invoke_confirm(self, event)
        return self.execute(context)


CLASSES = (GROTTO_OT_backend_find, GROTTO_OT_backend_check, GROTTO_OT_backend_start, GROTTO_OT_backend_stop)
