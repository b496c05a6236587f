"""Operators that follow a job while the windows stay usable: a timer checks the job, and the import runs in steps."""

from __future__ import annotations

import threading
from collections.abc import Generator
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bpy.types import Context, Event, Operator, Timer

from ...addon.backend import session
from ...addon.backend.client import JobStatus
from ...backend.grotto.contract import EXIT_CANCELLED, JobState, Problem, ProblemError
from .arrival import show_new
from .ending import CANCELLED, finish, reporting_missing_packages

if TYPE_CHECKING:
    from bpy.stub_internal.rna_enums import OperatorReturnItems

RUNNING: set[OperatorReturnItems] = {"RUNNING_MODAL"}
PASS: set[OperatorReturnItems] = {"PASS_THROUGH"}
TICK_SECONDS = 0.1


@dataclass(frozen=True)
class Submitting:
    """The job is on its way to the backend."""

    answer: Future[Any]


@dataclass(frozen=True)
class Working:
    """The backend works on the job."""

    job_id: str


@dataclass(frozen=True)
class Importing:
    """A result comes into the scene, one step at each tick."""

    steps: Generator[str, None, Any]
    job_id: str = ""  # "" for a folder that the user chose


@dataclass(frozen=True)
class Ended:
    """The operator has nothing left to do, or has not begun."""

    job_id: str = ""


Phase = Submitting | Working | Importing | Ended


def _load_importers() -> None:
    """Load what an import needs, numpy first of all, while the job runs: later it would block the window for a second."""
    with suppress(ImportError):  # reported when the import begins
        from ...addon.importers import result

        del result


class JobOperator(Operator):
    """Submit a job, wait for it and import its result: Submitting, Working, Importing, Ended.

    In the first two phases every event passes through. While importing, which takes seconds, events are held back: an undo
    between two steps would remove the data that the next step needs.
    Subclasses override `submitted`, `job_done`, `job_failed`, `import_steps`, `imported` and `import_message`.
    """

    _phase: Phase = Ended()
    _timer: Timer | None = None

    def follow(self, context: Context, answer: Future[Any]) -> set[OperatorReturnItems]:
        """Begin with a job that is being submitted; `submitted` gets the result of `answer`."""
        self._enter(context, Submitting(answer))
        threading.Thread(target=_load_importers, daemon=True, name="grotto-importers").start()
        return self._start_timer(context)

    def import_folder(self, context: Context, folder: Path) -> set[OperatorReturnItems]:
        """Begin with the folder of a finished job."""
        problem = self._begin_import(context, folder)
        return self.show_problem(problem) if problem else self._start_timer(context)

    def import_in_steps(self, context: Context, steps: Generator[str, None, Any]) -> set[OperatorReturnItems]:
        """Begin with steps that are ready to run."""
        self._enter(context, Importing(steps))
        return self._start_timer(context)

    def modal(self, context: Context, event: Event) -> set[OperatorReturnItems]:
        if event.type != "TIMER":
            return RUNNING if isinstance(self._phase, Importing) else PASS
        match self._phase:
            case Submitting(answer):
                return self._check_answer(context, answer)
            case Working(job_id):
                return self._check_job(context, job_id)
            case Importing(steps):
                return self._next_step(context, steps)
            case Ended():
                return CANCELLED

    def cancel(self, context: Context) -> None:
        """Stop following: Blender loads a file or quits. The job continues and stays in the list of jobs."""
        if isinstance(self._phase, Importing):
            self._phase.steps.close()
        self.end(context)

    def submitted(self, answer: Any) -> str:
        """Return the id of the job to wait for."""
        return str(answer.id)

    def job_done(self, context: Context, job: JobStatus) -> set[OperatorReturnItems]:
        """Import the result, if the user wants that."""
        settings: Any = context.scene.grotto
        if not settings.import_when_done:
            self.end(context)
            return finish(self, f"{job.name} is done: press Import in the list of jobs")
        problem = self._begin_import(context, Path(job.out))
        if problem is not None:
            self.end(context)
            return self.show_problem(problem)
        return RUNNING

    def job_failed(self, context: Context, job: JobStatus) -> set[OperatorReturnItems]:
        """End after a job that failed, which the problem card shows, or that was cancelled."""
        self.end(context)
        session.record_outcome(job.problem.kind.exit_code if job.problem else EXIT_CANCELLED, job.problem)
        return CANCELLED

    def import_steps(self, context: Context, folder: Path) -> Generator[str, None, Any]:
        """Bring the result in `folder` into the scene step by step."""
        from ...addon.importers.result import import_steps

        return import_steps(context, folder)

    def imported(self, context: Context, imported: Any) -> set[OperatorReturnItems]:
        """End after the import; `imported` is what the steps returned."""
        moved = show_new(context, imported)
        self.end(context)
        return finish(self, f"{self.import_message(imported)}{', beside what is in the scene' if moved else ''}")

    def import_message(self, imported: Any) -> str:
        """Return the report after the import."""
        return f"Imported {imported.collection.name}"

    def wait_for_job(self, context: Context, job_id: str) -> set[OperatorReturnItems]:
        """Wait for a job that the backend has."""
        self._enter(context, Working(job_id))
        return PASS

    def show_problem(self, problem: Problem) -> set[OperatorReturnItems]:
        """End with a problem on the card: a dialog would interrupt the user's work."""
        session.record_outcome(problem.kind.exit_code, problem)
        if session.status().problem != problem:
            session.watcher().show_problem(problem, self._job_id)
        self.report({"WARNING"}, problem.sentence())
        return CANCELLED

    def end(self, context: Context) -> None:
        """Remove the timer and release the window."""
        if self._timer is not None:
            context.window_manager.event_timer_remove(self._timer)
            self._timer = None
        self._enter(context, Ended(self._job_id))
        session.redraw()

    @property
    def _job_id(self) -> str:
        return "" if isinstance(self._phase, Submitting) else self._phase.job_id

    def _enter(self, context: Context, phase: Phase) -> None:
        """Change the phase. The cursor shows that the window waits while a result is imported."""
        before, after = isinstance(self._phase, Importing), isinstance(phase, Importing)
        self._phase = phase
        if after and not before:
            context.window.cursor_modal_set("WAIT")
        elif before and not after:
            context.window.cursor_modal_restore()
            context.workspace.status_text_set(None)

    def _start_timer(self, context: Context) -> set[OperatorReturnItems]:
        manager = context.window_manager
        self._timer = manager.event_timer_add(TICK_SECONDS, window=context.window)
        manager.modal_handler_add(self)
        return RUNNING

    def _check_answer(self, context: Context, answer: Future[Any]) -> set[OperatorReturnItems]:
        if not answer.done():
            return PASS
        error = answer.exception()
        if error is not None:
            self.end(context)
            if isinstance(error, ProblemError):
                return self.show_problem(error.problem)
            raise error
        return self.wait_for_job(context, self.submitted(answer.result()))

    def _check_job(self, context: Context, job_id: str) -> set[OperatorReturnItems]:
        job = session.status().job(job_id)
        if job is None or not job.state.ended:
            return PASS
        return self.job_done(context, job) if job.state is JobState.DONE else self.job_failed(context, job)

    def _begin_import(self, context: Context, folder: Path) -> Problem | None:
        try:
            with reporting_missing_packages():
                steps = self.import_steps(context, folder)
        except ProblemError as error:
            return error.problem
        self._enter(context, Importing(steps, self._job_id))
        return None

    def _next_step(self, context: Context, steps: Generator[str, None, Any]) -> set[OperatorReturnItems]:
        try:
            step = next(steps)
        except StopIteration as end:
            return self.imported(context, end.value)
        except ProblemError as error:
            self.end(context)
            return self.show_problem(error.problem)
        except BaseException:
            self.end(context)
            raise
        context.workspace.status_text_set(f"Grotto imports: {step}")
        return RUNNING
