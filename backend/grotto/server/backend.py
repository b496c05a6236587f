"""What the HTTP interface talks to."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..recipes import Entry
from ..runner import free_bytes, has_cuda, processors
from .event_lines import EventLines
from .leases import Leases
from .queue import JobQueue

_MACHINE_SECONDS = 1.0


class Machine:
    """What the machine offers, measured at most once a second."""

    def __init__(self) -> None:
        self._until = 0.0
        self._said: dict[str, Any] = {}

    def said(self) -> dict[str, Any]:
        """Engines and free memory."""
        now = time.monotonic()
        if now >= self._until:
            engines = {"cpu": f"{processors()} processors"} | ({"cuda": "available"} if has_cuda() else {})
            self._said, self._until = {"engines": engines, "memory_free_mb": free_bytes() >> 20}, now + _MACHINE_SECONDS
        return self._said


@dataclass
class Backend:
    """What the interface talks to."""

    jobs: JobQueue
    leases: Leases
    recipes: Mapping[str, Entry]
    stop: Callable[[], None]  # asks the process to end
    stopping: Callable[[], bool]
    lines: dict[str, EventLines] = field(default_factory=dict)
    machine: Machine = field(default_factory=Machine)

    def events(self, name: str) -> EventLines:
        """The events of a job by line. Raises Refusal where there is no such job."""
        job = self.jobs.get(name)
        return self.lines.setdefault(name, EventLines(Path(job.out)))
