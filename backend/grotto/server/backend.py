"""What the HTTP interface talks to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ..recipes import Entry
from .event_lines import EventLines
from .leases import Leases
from .queue import JobQueue


@dataclass
class Backend:
    """What the interface talks to."""

    jobs: JobQueue
    leases: Leases
    recipes: Mapping[str, Entry]
    stop: Callable[[], None]  # asks the process to end
    stopping: Callable[[], bool]
    lines: dict[str, EventLines] = field(default_factory=dict)

    def events(self, name: str) -> EventLines:
        """The events of a job by line. Raises Refusal where there is no such job."""
        job = self.jobs.get(name)
        return self.lines.setdefault(name, EventLines(Path(job.out)))
