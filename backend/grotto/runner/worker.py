"""The worker: the process that does one job. `python -m grotto.runner.worker MODULE JOBDIR`

Its standard input is a pipe held by the parent: the line "cancel" asks it to stop, and its end means that the parent is
gone, upon which the worker ends itself and everything it started; on Linux the kernel does so, see processes/watch.py. Events
go to the original standard output; whatever else the job's libraries print goes to worker.log.
"""

from __future__ import annotations

import faulthandler
import importlib
import io
import logging
import os
import signal
import sys
import threading
import time
from pathlib import Path
from types import FrameType

from ..contract import (
    EXIT_CANCELLED,
    EXIT_DONE,
    LOG_FILE,
    RESULT_FILE,
    Cancelled,
    Event,
    JobRequest,
    JobState,
    Problem,
    StageStarted,
    StateChanged,
)
from ..contract.recipes import from_nested
from .diagnosis import problem_of
from .job_folder import check_places, lock_job, remove_leftovers
from .journal import Journal
from .recipe import Recipe
from .run import Run

log = logging.getLogger(__name__)


def work(module: str, folder: Path, journal: Journal, token: threading.Event) -> int:
    """Do the job of a folder and return the exit code; everything that goes wrong is told as an event."""

    def end(state: JobState, problem: Problem | None = None) -> None:
        journal(StateChanged(time=time.time(), state=state, problem=problem))

    def tell(event: Event) -> None:
        if isinstance(event, StageStarted):
            _take_signals(token)  # again, as libraries put handlers of their own in place when they are imported
        journal(event)

    run: Run | None = None
    try:
        lock = lock_job(folder)
        try:
            journal(StateChanged(time=time.time(), state=JobState.RUNNING))
            remove_leftovers(folder)
            (folder / RESULT_FILE).unlink(missing_ok=True)
            recipe: Recipe = importlib.import_module(module).RECIPE
            request = JobRequest.read(folder)
            check_places(Path(request.input), folder)
            options = from_nested(recipe.options, request.options)
            run = Run(recipe, request, options, tell, token)
            result = recipe.run(Path(request.input), options, run)
            run.complete(result).write(folder)
        finally:
            lock.release()
    except Cancelled:
        end(JobState.CANCELLED)
        return EXIT_CANCELLED
    except Exception as error:
        log.exception("the job failed")
        problem = problem_of(error, folder, run.at_work if run else "")
        end(JobState.FAILED, problem)
        return problem.kind.exit_code
    end(JobState.DONE)
    return EXIT_DONE


def main(module: str, folder: Path) -> int:
    """Set the process up, do the job, and return the exit code."""
    events = os.dup(1)  # not inherited by processes that the job may start
    _redirect_output(folder)
    faulthandler.enable()
    token = threading.Event()
    threading.Thread(target=_listen, args=(token,), name="lifeline", daemon=True).start()
    _take_signals(token)
    log.info("job %s, process %d, recipe %s", folder, os.getpid(), module)
    return work(module, folder, Journal(folder, events), token)


def _redirect_output(folder: Path) -> None:
    """Let descriptors 1 and 2 write to worker.log: libraries in C++ write there past Python."""
    try:
        handle = os.open(folder / LOG_FILE, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    except OSError:
        handle = os.open(os.devnull, os.O_WRONLY)  # the job itself will tell of the folder that cannot be written
    os.dup2(handle, 1)
    os.dup2(handle, 2)
    os.close(handle)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(line_buffering=True)  # what was printed stays, even if this process is killed
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s", stream=sys.stderr)


def _listen(token: threading.Event) -> None:
    """The lifeline: read the parent's words until they end."""
    pending = b""
    while piece := os.read(0, 1024):
        pending += piece
        *lines, pending = pending.split(b"\n")
        if b"cancel" in lines:
            token.set()
    log.warning("the parent is gone")
    _kill_own_group()


def _kill_own_group() -> None:
    if hasattr(os, "killpg") and os.getpgid(0) == os.getpid():
        os.killpg(os.getpid(), signal.SIGKILL)
    os._exit(EXIT_CANCELLED)  # started by hand within a shell's group, which is not ours to kill


def _take_signals(token: threading.Event) -> None:
    """Take termination as the wish to cancel."""

    def ask(_number: int, _frame: FrameType | None) -> None:
        token.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, ask)


if __name__ == "__main__":
    code = main(sys.argv[1], Path(sys.argv[2]).absolute())
    logging.shutdown()
    os._exit(code)  # the job's end is told; destructors of libraries in C++ may hang or crash at a usual exit
