"""Runs of the small recipe in this process, one job folder each."""

from __future__ import annotations

import threading
from pathlib import Path

import slow_recipe
from slow_recipe import SlowOptions

from grotto.contract import Event, JobRequest, Result, StageStarted
from grotto.contract.recipes import to_nested
from grotto.runner import Recipe, Run


class Job:
    """Runs of the small recipe in one job folder."""

    def __init__(self, source: Path, out: Path) -> None:
        self.source, self.out = source, out
        self.token = threading.Event()
        self.events: list[Event] = []
        out.mkdir(exist_ok=True)

    def do(self, recipe: Recipe = slow_recipe.RECIPE, redo: bool = False, **groups: object) -> Result:
        """Run, and return the completed result; `self.events` holds this run's."""
        options = SlowOptions(**groups)
        request = JobRequest("slow", str(self.source), str(self.out), to_nested(options), redo)
        self.events = []
        (self.out / "calls.txt").unlink(missing_ok=True)
        run = Run(recipe, request, options, self.events.append, self.token)
        return run.complete(recipe.run(self.source, options, run))

    def reused(self) -> list[str]:
        return [event.stage for event in self.events if isinstance(event, StageStarted) and event.reused]

    def of(self, kind: type) -> list[Event]:
        return [event for event in self.events if isinstance(event, kind)]
