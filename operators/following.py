"""The way with windows: a timer looks at the watch, and the import comes in slices. Nothing here waits."""

from __future__ import annotations

import threading
from collections.abc import Generator
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bpy.types import Context, Event, Operator, Timer

from ..addon.backend import session
from ..addon.backend.client import Job
from ..backend.grotto.contract import EXIT_CANCELLED, JobState, Problem, ProblemError
from .ending import CANCELLED, finish, missing_packages_told

if TYPE_CHECKING:
    from bpy.stub_internal.rna_enums import OperatorReturnItems

RUNNING: set[OperatorReturnItems] = {"RUNNING_MODAL"}
PASS: set[OperatorReturnItems] = {"PASS_THROUGH"}
TICK_SECONDS = 0.1


def _warm_up() -> None:
    """Load what an import needs, numpy first of all, while the job runs: later it would hold the window for a second."""
    with suppress(ImportError):  # said when the import begins
        from ..addon.importers import result

        del result


class Following(Operator):
    """An operator that follows a job and imports its result, while the artist goes on working.

    During the job every event passes through. During the import, which takes seconds, events are held back: an undo
    between two slices would pull the data from under them.
    """

    _timer: Timer | None = None
    _asked: Future[Any] | None = None
    _job_id = ""
    _slices: Generator[str, None, Any] | None = None

    def follow(self, context: Context, asked: Future[Any]) -> set[OperatorReturnItems]:
        """Begin: `asked` gives the job, or what `_accept` takes in its place, as soon as the backend has it."""
        self._asked = asked
        threading.Thread(target=_warm_up, daemon=True, name="grotto-importers").start()
        return self._begin(context)

    def take(self, context: Context, folder: Path) -> set[OperatorReturnItems]:
        """Begin with a finished job's folder."""
        problem = self._open(context, folder)
        return self._refuse(problem) if problem else self._begin(context)

    def take_slices(self, context: Context, slices: Generator[str, None, Any]) -> set[OperatorReturnItems]:
        """Begin with an import that is ready to be made."""
        self._hold(context, slices)
        return self._begin(context)

    def _begin(self, context: Context) -> set[OperatorReturnItems]:
        manager = context.window_manager
        self._timer = manager.event_timer_add(TICK_SECONDS, window=context.window)
        manager.modal_handler_add(self)
        return RUNNING

    def modal(self, context: Context, event: Event) -> set[OperatorReturnItems]:
        if event.type != "TIMER":
            return PASS if self._slices is None else RUNNING
        if self._slices is not None:
            return self._next_slice(context)
        if self._asked is not None:
            return self._look_at_answer(context)
        return self._look_at_job(context)

    def cancel(self, context: Context) -> None:
        """Blender ends the operator (a file is loaded, Blender quits). The job goes on; the list of jobs has it."""
        if self._slices is not None:
            self._slices.close()
        self._end(context)

    def _look_at_answer(self, context: Context) -> set[OperatorReturnItems]:
        assert self._asked is not None
        if not self._asked.done():
            return PASS
        error = self._asked.exception()
        if error is not None:
            self._end(context)
            if isinstance(error, ProblemError):
                return self._refuse(error.problem)
            raise error
        answer, self._asked = self._asked.result(), None
        self._accept(answer)
        return PASS

    def _accept(self, answer: Any) -> None:
        """The backend has the job."""
        self._job_id = answer.id

    def _look_at_job(self, context: Context) -> set[OperatorReturnItems]:
        job = session.view().job(self._job_id)
        if job is None or not job.state.ended:
            return PASS
        if job.state is not JobState.DONE:
            return self._undone(context, job)
        return self._done(context, job)

    def _undone(self, context: Context, job: Job) -> set[OperatorReturnItems]:
        """The job failed, which the card tells, or was cancelled."""
        self._end(context)
        session.remember_end(job.problem.kind.exit_code if job.problem else EXIT_CANCELLED, job.problem)
        return CANCELLED

    def _done(self, context: Context, job: Job) -> set[OperatorReturnItems]:
        """The job has a result."""
        settings: Any = context.scene.grotto
        if not settings.import_when_done:
            self._end(context)
            return finish(self, f"{job.name} is done: press Import in the list of jobs")
        problem = self._open(context, Path(job.out))
        if problem is not None:
            self._end(context)
            return self._refuse(problem)
        return RUNNING

    def _open(self, context: Context, folder: Path) -> Problem | None:
        try:
            with missing_packages_told():
                slices = self._importing(context, folder)
        except ProblemError as error:
            return error.problem
        self._hold(context, slices)
        return None

    def _importing(self, context: Context, folder: Path) -> Generator[str, None, Any]:
        """What brings a result into the scene, slice by slice."""
        from ..addon.importers.result import import_slices

        return import_slices(context, folder)

    def _hold(self, context: Context, slices: Generator[str, None, Any]) -> None:
        self._slices = slices
        context.window.cursor_modal_set("WAIT")

    def _next_slice(self, context: Context) -> set[OperatorReturnItems]:
        assert self._slices is not None
        try:
            step = next(self._slices)
        except StopIteration as end:
            return self._arrived(context, end.value)
        except ProblemError as error:
            self._end(context)
            return self._refuse(error.problem)
        except BaseException:
            self._end(context)
            raise
        context.workspace.status_text_set(f"Grotto imports: {step}")
        return RUNNING

    def _arrived(self, context: Context, arrival: Any) -> set[OperatorReturnItems]:
        """The import is done."""
        self._end(context)
        return finish(self, self._told(arrival))

    def _told(self, arrival: Any) -> str:
        """What is said of a finished import."""
        return f"Imported {arrival.collection.name}"

    def _refuse(self, problem: Problem) -> set[OperatorReturnItems]:
        """The problem goes to the card, not over the artist's work."""
        session.remember_end(problem.kind.exit_code, problem)
        if session.view().problem != problem:
            session.watch().show_problem(problem, self._job_id)
        self.report({"WARNING"}, problem.sentence())
        return CANCELLED

    def _end(self, context: Context) -> None:
        if self._timer is not None:
            context.window_manager.event_timer_remove(self._timer)
            self._timer = None
        self._let_go(context)
        session.redraw()

    def _let_go(self, context: Context) -> None:
        """The window is the artist's again."""
        if self._slices is not None:
            self._slices = None
            context.window.cursor_modal_restore()
            context.workspace.status_text_set(None)
