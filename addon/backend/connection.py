"""Connect to a backend: attach to the one that runs, or start the one that the preferences name."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from ...backend.grotto.contract import PRODUCT, Action, ProblemError, Runtime, missing_resource, read_runtime
from .client import BackendClient
from .process import refuse_other_protocol, start
from .program import locate

STOP_SECONDS = 10.0  # includes the time that its workers get to end


class BackendState(Enum):
    """State of the backend, with the words of the status strip."""

    NOT_SET = "Not set up"
    STOPPED = "Backend stopped"
    STARTING = "Starting..."
    RUNNING = "Backend running"
    LOST = "Backend lost"
    UNUSABLE = "Backend not usable"


@dataclass(frozen=True)
class BackendSettings:
    """Settings that the main thread reads and other threads use: plain values, nothing of bpy."""

    program: str  # as in the preferences
    log: Path
    client_id: str


def attach() -> BackendClient | None:
    """Return a client of the backend in the runtime file, or None where it does not run. Raises ProblemError if unusable."""
    runtime = read_runtime()
    if runtime is None:
        return None
    client = BackendClient(runtime)
    try:
        health = client.health()
    except ProblemError as error:
        client.close()
        if error.problem.action is Action.START_BACKEND:
            return None  # a killed backend left its file
        raise
    if health.get("product") != PRODUCT:
        client.close()
        return None  # another program took the port of a backend that was killed
    refuse_other_protocol(_runtime_with(runtime, health))
    return client


def _runtime_with(runtime: Runtime, health: dict[str, object]) -> Runtime:
    """Return the runtime with the version and protocol that the running program reports."""
    protocol = health.get("protocol")
    return Runtime(
        product=PRODUCT,
        version=str(health.get("version", runtime.version)),
        protocol=protocol if isinstance(protocol, int) else -1,
        url=runtime.url,
        token=runtime.token,
        pid=runtime.pid,
    )


def ensure(
    settings: BackendSettings, *, stopped: Callable[[], bool] = lambda: False
) -> tuple[BackendClient, subprocess.Popen[str] | None]:
    """Return a client of a running backend, started if none runs, and the process if this call started it.

    Takes up to a minute on a cold disk: do not call it on the main thread of a Blender with windows.
    Raises ProblemError for each of: not set, not found, wrong program, wrong protocol, does not start.
    """
    client = attach()
    process = None
    if client is None:
        program = locate(settings.program)
        process, runtime = start(program, settings.log, stopped=stopped)
        client = BackendClient(runtime)
        if client.health().get("product") != PRODUCT:
            raise missing_resource(
                f"another program answers at {runtime.url}",
                "start it again",
                Action.START_BACKEND,
            )
    client.renew_lease(settings.client_id)
    return client, process


def stop(client: BackendClient, *, force: bool) -> None:
    """Stop the backend and wait until its runtime file is gone: nothing may attach to a backend that is ending.

    Takes seconds where a job is interrupted. Raises ProblemError if a job runs and `force` is not given.
    """
    client.shut_down(force=force)
    deadline = time.monotonic() + STOP_SECONDS
    while read_runtime() == client.runtime and time.monotonic() < deadline:
        time.sleep(0.05)
