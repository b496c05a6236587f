"""A job in this terminal: its events are shown, and Ctrl-C cancels it."""

from __future__ import annotations

import signal
from typing import TextIO

from ..contract import JobRequest, StateChanged
from .job_folder import prepare
from .supervise import Supervisor
from .terminal import Terminal


def run_here(module: str, request: JobRequest, stream: TextIO) -> StateChanged:
    """Do a job to its end. SIGINT and SIGTERM cancel it, a second one without waiting. From the main thread only."""
    supervisor = Supervisor(module, prepare(request), Terminal(stream))
    asked = False

    def ask(_number: int, _frame: object) -> None:
        nonlocal asked
        supervisor.kill() if asked else supervisor.cancel()
        asked = True

    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        return supervisor.run()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
