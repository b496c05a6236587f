"""Reaching a backend: attach to the one that runs, else start the one that the preferences name."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from ...backend.grotto.contract import PRODUCT, Action, ProblemError, Runtime, missing_resource, read_runtime
from . import process as backend_process
from . import program as backend_program
from .client import Client

STOP_SECONDS = 10.0  # its workers get some of these to end


class BackendState(Enum):
    """What the status strip says."""

    NOT_SET = "Not set up"
    STOPPED = "Backend stopped"
    STARTING = "Starting..."
    RUNNING = "Backend running"
    LOST = "Backend lost"
    UNUSABLE = "Backend not usable"


@dataclass(frozen=True)
class BackendSettings:
    """What the main thread knows and threads need: nothing of Blender in it."""

    program: str  # as in the preferences
    log: Path
    client_id: str


def attach() -> Client | None:
    """A client of the backend that the runtime file names, if it lives. Raises ProblemError where it is not usable."""
    runtime = read_runtime()
    if runtime is None:
        return None
    client = Client(runtime)
    try:
        said = client.health()
    except ProblemError as error:
        client.close()
        if error.problem.action is Action.START_BACKEND:
            return None  # the file is left over from a backend that was killed
        raise
    if said.get("product") != PRODUCT:
        client.close()
        return None  # another program took the port of a backend that was killed
    backend_process.refuse_other_protocol(_runtime_with(runtime, said))
    return client


def _runtime_with(runtime: Runtime, said: dict[str, object]) -> Runtime:
    """The runtime as the living program describes itself."""
    protocol = said.get("protocol")
    return Runtime(
        product=PRODUCT,
        version=str(said.get("version", runtime.version)),
        protocol=protocol if isinstance(protocol, int) else -1,
        url=runtime.url,
        token=runtime.token,
        pid=runtime.pid,
    )


def ensure(
    settings: BackendSettings, *, stopped: Callable[[], bool] = lambda: False
) -> tuple[Client, subprocess.Popen[str] | None]:
    """A client of a running backend, which is started where none runs, and the process if it is ours.

    Takes up to a minute on a cold disk: never call it on the main thread of a Blender with windows.
    Raises ProblemError for each of: not set, not found, wrong program, wrong protocol, does not start.
    """
    client = attach()
    process = None
    if client is None:
        program = backend_program.locate(settings.program)
        process, runtime = backend_process.start(program, settings.log, stopped=stopped)
        client = Client(runtime)
        if client.health().get("product") != PRODUCT:
            raise missing_resource(
                f"what answers at {runtime.url} is not the backend that was started",
                "start it again",
                Action.START_BACKEND,
            )
    client.renew_lease(settings.client_id)
    return client, process


def stop(client: Client, *, force: bool) -> None:
    """Ask the backend to end, and wait until it has left its address: nobody is to attach to one that is dying.

    Takes seconds where a job is interrupted. Raises ProblemError where it refuses, which it does while a job runs
    and `force` is not given.
    """
    client.shut_down(force=force)
    deadline = time.monotonic() + STOP_SECONDS
    while read_runtime() == client.runtime and time.monotonic() < deadline:
        time.sleep(0.05)
