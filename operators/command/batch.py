"""The blocking way: start or find the backend, hand in, follow to the end. For scripts and `blender --background`."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any

from ...addon.backend import reach as backend
from ...addon.backend import session
from ...addon.backend.client import Client, Job
from ...backend.grotto.contract import Cancelled, JobState, ProblemError, bug

POLL_SECONDS = 0.25
LEASE_SECONDS = 10.0


def say(line: str) -> None:
    """One line for the terminal, at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


@contextmanager
def connection() -> Iterator[Client]:
    """A backend for as long as the block lasts, started where none runs."""
    settings = session.backend_settings()
    client, process = backend.ensure(settings)
    try:
        yield client
    finally:
        with suppress(ProblemError):  # the lease ends by itself
            client.release_lease(settings.client_id)
        client.close()
        reap(process)


def reap(process: subprocess.Popen[str] | None) -> None:
    """The backend lives on until it is idle; a thread takes note of its end, so that no dead process stays listed."""
    if process is not None:
        threading.Thread(target=process.wait, daemon=True, name="grotto-backend-end").start()


@contextmanager
def interrupts() -> Iterator[Callable[[], bool]]:
    """Ctrl-C inside the block is remembered, not raised: Blender's own handler would end the process in the middle."""
    asked = False

    def remember(number: int, frame: FrameType | None) -> None:
        nonlocal asked
        asked = True

    if threading.current_thread() is not threading.main_thread():
        yield lambda: False
        return
    before = signal.signal(signal.SIGINT, remember)
    try:
        yield lambda: asked
    finally:
        # None: the handler was not set from Python (Blender's own), and Python cannot put it back.
        signal.signal(signal.SIGINT, signal.SIG_DFL if before is None else before)


def do(client: Client, hand_in: Callable[[Client], Job], interrupted: Callable[[], bool]) -> Job:
    """Hand a job in and wait for its end; one line a stage.

    Raises ProblemError for a failed job, Cancelled for a stopped one.
    """
    begun = time.time()  # a job folder keeps the events of earlier attempts, which are not told again
    return _follow(client, hand_in(client).id, begun, interrupted)


def _follow(client: Client, job_id: str, begun: float, interrupted: Callable[[], bool]) -> Job:
    seen, lease_time, cancelling = 0, time.monotonic(), False
    while True:
        if interrupted() and not cancelling:
            cancelling = True
            client.cancel(job_id)
        answer = client.events(job_id, seen)
        seen = answer["next"]
        for event in answer["events"]:
            if event["time"] >= begun:
                _tell(event)
        state = JobState(answer["state"])
        if state.ended:
            break
        if time.monotonic() - lease_time > LEASE_SECONDS:
            client.renew_lease(session.CLIENT_ID)
            lease_time = time.monotonic()
        time.sleep(POLL_SECONDS)
    job = client.job(job_id)
    if state is JobState.CANCELLED:
        raise Cancelled
    if state is JobState.FAILED:
        raise ProblemError(job.problem) if job.problem else bug("the job failed and did not say why")
    return job


def _tell(event: dict[str, Any]) -> None:
    if event["event"] == "stage":
        kept = " (kept)" if event.get("reused") else ""
        say(f"[{event['number']}/{event['count']}] {event['title']}{kept}")
    elif event["event"] == "note":
        say(f"note: {event['message']}")
