"""Supervising a worker: start it, pass its events on, stop it in time, and say how it ended, whatever happened."""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

from ..contract import LOG_FILE, Event, JobState, Problem, StageDone, StageStarted, StateChanged, event_from_json
from .diagnosis import problem_of_death
from .journal import Journal
from .processes import start_watched

log = logging.getLogger(__name__)

THREADS_SLEEP = {"OMP_WAIT_POLICY": "PASSIVE", "KMP_BLOCKTIME": "0", "GLOG_logtostderr": "1"}
"""Threads of a fit that wait do not spin: on a busy machine a step of 110 ms took 500 ms else. Read before torch is loaded."""

CANCEL_SECONDS = 1.5  # from asking a worker to stop to killing it


class Supervisor:
    """One worker process at work on one job folder. `run` blocks; `cancel` and `kill` may come from other threads."""

    def __init__(self, module: str, folder: Path, on_event: Callable[[Event], None]) -> None:
        self._module, self._folder, self._on_event = module, folder, on_event
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.RLock()  # a signal handler may ask to cancel while `run` holds it
        self._cancelling = False
        self._timer: threading.Timer | None = None
        self._stage = ""
        self._end: StateChanged | None = None

    @property
    def pid(self) -> int | None:
        """The worker's process, None before it started."""
        return self._process.pid if self._process else None

    def run(self) -> StateChanged:
        """Start the worker, pass on its events until it ends, and return its end."""
        kills_before = _memory_kills()
        with self._lock:
            if self._cancelling:
                return self._say_end(JobState.CANCELLED, None)
            process = self._process = self._start()
            if self._cancelling:  # asked by a signal while the worker was being started
                self._ask(process)
        assert process.stdout is not None
        try:
            for line in process.stdout:
                self._receive(line)
        except BaseException:  # the listener's fault: the worker must not outlive its supervisor
            self._reap(process, kill=True)
            raise
        exit_code = self._reap(process)
        if self._end is not None:
            return self._end
        if self._cancelling or -exit_code in (signal.SIGTERM, signal.SIGINT):
            return self._say_end(JobState.CANCELLED, None)
        memory_ran_out = _memory_kills() > kills_before
        return self._say_end(JobState.FAILED, problem_of_death(exit_code, self._folder, self._stage, memory_ran_out))

    def cancel(self) -> None:
        """Ask the worker to stop, and kill it with all it started when it has not after `CANCEL_SECONDS`."""
        with self._lock:
            if self._cancelling or self._end is not None:
                return
            self._cancelling = True
            if self._process is None or self._process.returncode is not None:
                return
            self._ask(self._process)
        self._tell(StateChanged(time=time.time(), state=JobState.CANCELLING))

    def kill(self) -> None:
        """End the worker and all it started now."""
        with self._lock:
            if self._process is not None and self._process.returncode is None:
                _kill_group(self._process)

    def _ask(self, process: subprocess.Popen[bytes]) -> None:
        self._timer = threading.Timer(CANCEL_SECONDS, self.kill)
        self._timer.daemon = True
        self._timer.start()
        assert process.stdin is not None
        with contextlib.suppress(OSError):  # it may just have died, which `run` notices
            process.stdin.write(b"cancel\n")
            process.stdin.flush()

    def _start(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-P", "-m", "grotto.runner.worker", self._module, str(self._folder)]
        with _log_file(self._folder).open("ab") as stderr:  # what Python says when the worker cannot even start
            return start_watched(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=stderr, env={**THREADS_SLEEP, **os.environ}
            )

    def _receive(self, line: bytes) -> None:
        try:
            event = event_from_json(line)
        except ValueError:
            log.warning("the worker wrote a line that is no event")
            return
        if isinstance(event, StageStarted):
            self._stage = event.title
        elif isinstance(event, StageDone):
            self._stage = ""
        elif isinstance(event, StateChanged) and event.state.ended:
            self._end = event
        self._on_event(event)

    def _reap(self, process: subprocess.Popen[bytes], kill: bool = False) -> int:
        """Wait for the worker's end and end whatever it started and left; before reaping, as its id is free afterwards."""
        if kill:
            _kill_group(process)
        if hasattr(os, "waitid"):
            os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        else:
            process.wait()
        with self._lock:
            _kill_group(process)
            exit_code = process.wait()
            if self._timer is not None:
                self._timer.cancel()
            for pipe in (process.stdin, process.stdout):
                with contextlib.suppress(OSError):
                    pipe.close()
        return exit_code

    def _say_end(self, state: JobState, problem: Problem | None) -> StateChanged:
        self._end = StateChanged(time=time.time(), state=state, problem=problem)
        self._tell(self._end)
        return self._end

    def _tell(self, event: Event) -> None:
        Journal(self._folder)(event)
        self._on_event(event)


def _log_file(folder: Path) -> Path:
    return folder / LOG_FILE if os.access(folder, os.W_OK) else Path(os.devnull)


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    if hasattr(os, "killpg"):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()


def _memory_kills() -> int:
    """How often Linux has ended a process for want of memory since it booted; 0 where it does not say."""
    try:
        lines = Path("/proc/vmstat").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("oom_kill ")), 0)
