"""Operators that import while the windows stay usable: a timer runs the import step by step."""

from __future__ import annotations

import threading
from collections.abc import Generator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bpy.types import Context, Event, Operator, Timer

from ...addon.backend import session
from ...backend.grotto.contract import Problem, ProblemError
from .arrival import show_new
from .ending import CANCELLED, finish, reporting_missing_packages

if TYPE_CHECKING:
    from bpy.stub_internal.rna_enums import OperatorReturnItems

RUNNING: set[OperatorReturnItems] = {"RUNNING_MODAL"}
PASS: set[OperatorReturnItems] = {"PASS_THROUGH"}
TICK_SECONDS = 0.1

_importing: set[int] = set()  # phases of operators whose import runs


@dataclass(frozen=True)
class Importing:
    """A result comes into the scene, one step at each tick."""

    steps: Generator[str, None, Any]
    job_id: str = ""  # "" for a folder that the user chose


@dataclass(frozen=True)
class Ended:
    """The operator has nothing left to do, or has not begun."""

    job_id: str = ""


Phase = Importing | Ended


def is_importing() -> bool:
    """Whether a result is coming into a scene."""
    return bool(_importing)


def load_importers() -> None:
    """Load on a thread what an import needs, numpy first of all: later it would block the window for a second."""
    threading.Thread(target=_load_importers, daemon=True, name="grotto-importers").start()


def _load_importers() -> None:
    with suppress(ImportError):  # reported when the import begins
        from ...addon import studio
        from ...addon.importers import result

        del result, studio


class JobOperator(Operator):
    """Import a result in steps.

    Events are held back meanwhile, for seconds: an undo between two steps would remove the data that the next step needs.
    Subclasses override `import_steps`, `imported`, `import_message` and `interrupted`.
    """

    _phase: Phase = Ended()
    _timer: Timer | None = None

    def import_folder(self, context: Context, folder: Path, job_id: str = "") -> set[OperatorReturnItems]:
        """Begin with the folder of a finished job."""
        try:
            with reporting_missing_packages():
                steps = self.import_steps(context, folder)
        except ProblemError as error:
            return self.show_problem(error.problem)
        return self.import_in_steps(context, steps, job_id)

    def import_in_steps(self, context: Context, steps: Generator[str, None, Any], job_id: str = "") -> set[OperatorReturnItems]:
        """Begin with steps that are ready to run."""
        load_importers()
        self._enter(context, Importing(steps, job_id))
        manager = context.window_manager
        self._timer = manager.event_timer_add(TICK_SECONDS, window=context.window)
        manager.modal_handler_add(self)
        return RUNNING

    def modal(self, context: Context, event: Event) -> set[OperatorReturnItems]:
        if not isinstance(self._phase, Importing):
            return CANCELLED if event.type == "TIMER" else PASS
        return self._next_step(context, self._phase.steps) if event.type == "TIMER" else RUNNING

    def cancel(self, context: Context) -> None:
        """Stop: Blender loads a file, closes the window or quits."""
        if isinstance(self._phase, Importing):
            self._phase.steps.close()
            self.interrupted(self._phase.job_id)
        self.end(context)

    def interrupted(self, job_id: str) -> None:
        """Called where the import of a job was stopped before its end."""

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

    def show_problem(self, problem: Problem) -> set[OperatorReturnItems]:
        """End with a problem on the card: a dialog would interrupt the user's work."""
        session.record_outcome(problem.kind.exit_code, problem)
        if session.status().problem != problem:
            session.watcher().show_problem(problem, self._phase.job_id)
        self.report({"WARNING"}, problem.sentence())
        return CANCELLED

    def end(self, context: Context) -> None:
        """Remove the timer and release the window."""
        if self._timer is not None:
            context.window_manager.event_timer_remove(self._timer)
            self._timer = None
        self._enter(context, Ended(self._phase.job_id))
        session.redraw()

    def _enter(self, context: Context, phase: Phase) -> None:
        """Change the phase. The cursor shows that the window waits while a result is imported."""
        before, after = isinstance(self._phase, Importing), isinstance(phase, Importing)
        _importing.discard(id(self._phase))
        self._phase = phase
        if after and not before:
            _importing.add(id(phase))
            context.window.cursor_modal_set("WAIT")
        elif before and not after and context.window is not None:  # Blender may have closed it
            context.window.cursor_modal_restore()
            context.workspace.status_text_set(None)

    def _next_step(self, context: Context, steps: Generator[str, None, Any]) -> set[OperatorReturnItems]:
        try:
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
