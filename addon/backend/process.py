"""Start the backend: a separate process that prints its address in one line of JSON."""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from ...backend.grotto.contract import PRODUCT, PROTOCOL, Action, ProblemError, Runtime, missing_resource
from .program import clean_environment

START_SECONDS = 60.0  # a cold disk reads the backend's libraries slowly
LAST_LINES, LINE_LENGTH = 3, 200  # of the log, in the problem of a backend that does not start


def _pass_lines(stream: IO[str], lines: queue.Queue[str | None]) -> None:
    """Queue the first line and discard the rest: a full pipe would block the backend."""
    lines.put(stream.readline() or None)
    for _ in stream:
        pass


def is_alive(pid: int) -> bool:
    """Whether a process runs; False where that cannot be found out. One that waits for its parent has ended."""
    if pid <= 0 or sys.platform == "win32":
        return False
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[0] != "Z"
    except (OSError, IndexError):
        pass
    try:
        os.kill(pid, 0)
    except OSError:
        return False
    return True


def last_log_lines(log: Path) -> str:
    """Return the last lines of a log as a clause, "" where it holds none."""
    try:
        lines = [line.strip() for line in log.read_text(encoding="utf-8", errors="replace").splitlines()]
    except OSError:
        return ""
    last = [line[:LINE_LENGTH] for line in lines if line][-LAST_LINES:]
    return f" (its log ends with {' / '.join(last)})" if last else ""


def wrong_program(program: Path, detail: str) -> ProblemError:
    return missing_resource(
        f"{program} is not Grotto's backend{detail}", "choose the folder of the backend", Action.OPEN_PREFERENCES
    )


def read_handshake(line: str, program: Path) -> Runtime:
    """Return the address in the backend's first line. Raises ProblemError for another program or protocol."""
    try:
        data = json.loads(line)
        runtime = Runtime(**data)
    except (ValueError, TypeError):
        raise wrong_program(program, "") from None
    if runtime.product != PRODUCT:
        raise wrong_program(program, f" but {runtime.product}")
    refuse_other_protocol(runtime)
    return runtime


def refuse_other_protocol(runtime: Runtime) -> None:
    """Raise ProblemError where backend and extension use different protocols."""
    if runtime.protocol != PROTOCOL:
        older = "the backend" if runtime.protocol < PROTOCOL else "the extension"
        raise missing_resource(
            f"the backend {runtime.version} uses protocol {runtime.protocol}, this extension protocol {PROTOCOL}",
            f"update {older}",
            Action.OPEN_PREFERENCES,
        )


def start(
    program: Path,
    log: Path,
    *,
    seconds: float = START_SECONDS,
    stopped: Callable[[], bool] = lambda: False,
) -> tuple[subprocess.Popen[str], Runtime]:
    """Start the backend and wait for its first line, at most `seconds`. Its standard error goes to the file `log`.

    The process leads its own session, so that Ctrl-C in Blender's terminal does not end it during a job. It stops when
    it is idle and no client renews its lease. Raises ProblemError.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    flags: dict[str, Any] = {"start_new_session": True}
    if sys.platform == "win32":
        flags = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW}
    try:
        with log.open("w", encoding="utf-8") as log_file:
            process = subprocess.Popen(
                [str(program), "serve", "--stop-when-idle"],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log_file,
                env=clean_environment(os.environ),
                text=True,
                encoding="utf-8",
                **flags,
            )
    except OSError as error:
        raise missing_resource(
            f"{program} can not be started ({error.strerror})", "choose the folder of the backend", Action.OPEN_PREFERENCES
        ) from error
    lines: queue.Queue[str | None] = queue.Queue()
    threading.Thread(target=_pass_lines, args=(process.stdout, lines), daemon=True, name="grotto-handshake").start()
    try:
        return process, read_handshake(_first_line(process, lines, program, log, time.monotonic() + seconds, stopped), program)
    except BaseException:
        _end(process)
        raise


def _end(process: subprocess.Popen[str]) -> None:
    """Kill the process and its children: it leads its own group."""
    if sys.platform == "win32":
        process.kill()
    else:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    process.wait(5)


def _first_line(
    process: subprocess.Popen[str],
    lines: queue.Queue[str | None],
    program: Path,
    log: Path,
    deadline: float,
    stopped: Callable[[], bool],
) -> str:
    while time.monotonic() < deadline:
        try:
            line = lines.get(timeout=0.1)
        except queue.Empty:
            if stopped():
                raise missing_resource("the start of the backend was cancelled", "start it again", Action.START_BACKEND) from None
            continue
        if line is not None:
            return line
        process.wait(5)
        raise missing_resource(
            f"{program} ended with code {process.returncode} before it printed its address{last_log_lines(log)}",
            "open the log, or choose another backend in the preferences",
            Action.OPEN_LOG,
        )
    raise missing_resource(
        f"the backend did not print its address{last_log_lines(log)}", "open the log, or start it again", Action.OPEN_LOG
    )
