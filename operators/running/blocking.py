"""Run a job and wait for it: start or find the backend, submit, follow to the end. For scripts and `blender --background`."""

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

from ...addon.backend import connection, session
from ...addon.backend.client import BackendClient, JobStatus
from ...backend.grotto.contract import Cancelled, JobState, ProblemError, bug

POLL_SECONDS = 0.25
LEASE_SECONDS = 10.0


def write_line(line: str) -> None:
    """Write one line to the terminal at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


@contextmanager
def connected_client() -> Iterator[BackendClient]:
    """Connect to a backend for the length of the block; start one if none runs."""
    settings = session.backend_settings()
    client, process = connection.ensure(settings)
    try:
        yield client
    finally:
        with suppress(ProblemError):  # the lease expires by itself
            client.release_lease(settings.client_id)
        client.close()
        reap(process)


def reap(process: subprocess.Popen[str] | None) -> None:
    """Wait for the end of a backend on a thread, so that it does not stay listed as a zombie. It runs on until it is idle."""
    if process is not None:
        threading.Thread(target=process.wait, daemon=True, name="grotto-backend-end").start()


@contextmanager
def interrupts() -> Iterator[Callable[[], bool]]:
    """Record Ctrl-C inside the block instead of raising: Blender's own handler would end the process at once."""
    interrupted = False

    def record(number: int, frame: FrameType | None) -> None:
        nonlocal interrupted
        interrupted = True

    if threading.current_thread() is not threading.main_thread():
        yield lambda: False
        return
    before = signal.signal(signal.SIGINT, record)
    try:
        yield lambda: interrupted
    finally:
        # None: the handler was not set from Python (Blender's own), and Python cannot put it back.
        signal.signal(signal.SIGINT, signal.SIG_DFL if before is None else before)


def run_job(client: BackendClient, submit: Callable[[BackendClient], JobStatus], interrupted: Callable[[], bool]) -> JobStatus:
    """Submit a job and wait for its end; print one line for each stage.

    Raises ProblemError for a failed job, Cancelled for a cancelled one.
    """
    begun = time.time()  # the job folder keeps the events of earlier attempts, which are not printed again
    return _follow(client, submit(client).id, begun, interrupted)


def _follow(client: BackendClient, job_id: str, begun: float, interrupted: Callable[[], bool]) -> JobStatus:
    next_event, lease_time, cancelling = 0, time.monotonic(), False
    while True:
        if interrupted() and not cancelling:
            cancelling = True
            client.cancel(job_id)
        answer = client.events(job_id, next_event)
        next_event = answer["next"]
        for event in answer["events"]:
            if event["time"] >= begun:
                _write_event(event)
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
        raise ProblemError(job.problem) if job.problem else bug("the job failed without a reason")
    return job


def _write_event(event: dict[str, Any]) -> None:
    if event["event"] == "stage":
        kept = " (kept)" if event.get("reused") else ""
        write_line(f"[{event['number']}/{event['count']}] {event['title']}{kept}")
    elif event["event"] == "note":
        write_line(f"note: {event['message']}")
