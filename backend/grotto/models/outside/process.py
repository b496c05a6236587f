"""The process of an outside model: started in a group of its own, read from, and ended with all its children."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import signal
import subprocess
import threading
import time
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from ...contract import Progress, missing_resource

_LOOK_SECONDS = 0.1  # between two checks for cancellation
_LAST_SECONDS = 2.0  # from the end of a process's streams to its own
_LAST_LINES = 12
_LONGEST = 400  # characters of a line of the model's that are kept
_OURS = ("PYTHON", "GROTTO_", "VIRTUAL_ENV", "OMP_WAIT_POLICY", "KMP_BLOCKTIME")  # of our environment, not of the model's


@dataclass
class Ended:
    """How a process ended, and the events that it sent."""

    exit_code: int
    protocol: int | None = None  # None where it sent no event
    done: bool = False
    error: Mapping[str, Any] | None = None  # its error event
    silent: bool = False  # it was ended for lack of output
    last_lines: deque[str] = field(default_factory=lambda: deque(maxlen=_LAST_LINES))


def run_outside(command: Sequence[str], folder: Path, log: Path, patience_s: float, report: Progress) -> Ended:
    """Run a command that follows the protocol, in `folder`, and forward its progress; its other output goes into `log`.

    `patience_s` without a line on any stream ends it. Raises `Cancelled` when the job is cancelled, with the process and all
    its children ended, and a missing resource where the command cannot be started.
    """
    from ...runner import start_watched  # loads psutil

    try:
        process = start_watched(
            command, cwd=folder, env=model_environment(command[0]), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )  # fmt: skip
    except OSError as error:
        raise missing_resource(f"{command[0]} could not be started ({error.strerror})", "connect the model again") from error
    ended = Ended(exit_code=0)
    lines: queue.Queue[tuple[bool, bytes]] = queue.Queue()
    listeners = [
        threading.Thread(target=_listen, args=(stream, lines, ours), daemon=True)
        for stream, ours in ((process.stdout, True), (process.stderr, False))
    ]
    try:
        for listener in listeners:
            listener.start()
        with log.open("w", encoding="utf-8") as other_output:
            sign = time.monotonic()
            while any(listener.is_alive() for listener in listeners) or not lines.empty():
                report.check()
                try:
                    ours, line = lines.get(timeout=_LOOK_SECONDS)
                except queue.Empty:
                    if process.poll() is not None:
                        break  # what it left behind may hold its streams open; `_end` ends that, too
                    if time.monotonic() - sign > patience_s:
                        ended.silent = True
                        break
                    continue
                sign = time.monotonic()
                _take(ours, line, ended, other_output, report)
        if not ended.silent:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(_LAST_SECONDS)
    finally:
        ended.exit_code = _end(process, listeners)
    return ended


def _listen(stream: IO[bytes] | None, lines: queue.Queue[tuple[bool, bytes]], ours: bool) -> None:
    if stream is not None:
        with contextlib.suppress(ValueError, OSError):  # closed, since the process was ended
            for line in stream:
                lines.put((ours, line))


def _take(ours: bool, line: bytes, ended: Ended, other_output: IO[str], report: Progress) -> None:
    text = line.decode("utf-8", errors="replace").rstrip()
    event = _event(text) if ours else None
    if event is None:
        other_output.write(text + "\n")
        if text.strip():
            ended.last_lines.append(text.strip().split("\r")[-1][:_LONGEST])
    elif event["event"] == "hello":
        ended.protocol = event.get("protocol")
    elif event["event"] == "progress":
        fraction = event.get("fraction")
        if isinstance(fraction, int | float) and 0 <= fraction <= 1:
            report(float(fraction), str(event.get("message", "")))
    elif event["event"] == "note":
        report.note(str(event.get("message", "")))
    elif event["event"] == "error":
        ended.error = event
    elif event["event"] == "done":
        ended.done = True


def _event(text: str) -> dict[str, Any] | None:
    """Parse a line of the protocol; None for any other line."""
    try:
        event = json.loads(text)
    except ValueError:
        return None
    return event if isinstance(event, dict) and isinstance(event.get("event"), str) else None


def model_environment(python: str) -> dict[str, str]:
    """Our environment without the variables of our Python, with the programs of the model's own environment first on the path.

    Compilers of CUDA parts (ninja, nvcc) are found there, as after its activation. Models use the weights that they have, and
    fetch none.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_OURS)}
    own = Path(python).absolute().parent  # not resolved: an environment's python is a link out of it
    folders = [own, own / "Scripts", own / "Library" / "bin"] if os.name == "nt" else [own]
    path = os.pathsep.join([*map(str, folders), *filter(None, [kept.get("PATH")])])
    return {**kept, "PATH": path, "HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1", "DIFFUSERS_OFFLINE": "1"}


def _end(process: subprocess.Popen[bytes], listeners: Sequence[threading.Thread]) -> int:
    """End the process with its group, if it has not ended; its exit code."""
    if hasattr(os, "killpg"):
        with contextlib.suppress(OSError):
            os.killpg(process.pid, signal.SIGKILL)  # also what an ended process left behind
    elif process.poll() is None:
        process.kill()
    code = process.wait()
    for listener, stream in zip(listeners, (process.stdout, process.stderr), strict=True):
        listener.join(_LOOK_SECONDS)
        if stream is not None and not listener.is_alive():  # else something outside of the group keeps it open
            stream.close()
    if process.stdin is not None:
        with contextlib.suppress(OSError):
            process.stdin.close()
    return code
