"""A job as the server remembers it and tells it."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass, field
from typing import Any

from ...contract import Event, JobRequest, JobState, Note, Preview, Problem, StageDone, StageProgress, StageStarted, StateChanged


@dataclass(kw_only=True)
class Job:
    """Everything about a job. Times are seconds since the epoch."""

    id: str
    recipe: str
    input: str
    out: str
    options: dict[str, Any]  # nested form
    created: float
    queued: float = 0.0  # when it was last asked for: created, or retried
    state: JobState = JobState.QUEUED
    started: float | None = None
    ended: float | None = None
    stage: str = ""
    title: str = ""
    number: int = 0
    count: int = 0
    fraction: float = 0.0  # of the whole job
    message: str = ""
    seconds_left: float | None = None
    preview: str = ""  # relative to the job folder
    problem: Problem | None = None
    stamp: str = ""  # known when the job is done
    kept_stages: list[str] = field(default_factory=list)  # found finished in this attempt
    notes: list[str] = field(default_factory=list)  # sentences for the user, of this attempt
    redo: bool = False  # this attempt does finished stages again that other code made

    def request(self) -> JobRequest:
        return JobRequest(self.recipe, self.input, self.out, self.options, self.redo)

    def as_json(self) -> dict[str, Any]:
        data = dataclasses.asdict(self)
        data["state"] = str(self.state)
        data["problem"] = self.problem.as_json() if self.problem else None
        return data

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Job:
        problem = data.pop("problem")
        state = JobState(data.pop("state"))
        return cls(state=state, problem=Problem.from_json(problem) if problem else None, **data)

    def begin_again(self, state: JobState) -> None:
        """Forget how far the last attempt came."""
        self.state, self.started, self.ended, self.problem = state, None, None, None
        self.stage, self.title, self.number, self.message = "", "", 0, ""
        self.fraction, self.seconds_left, self.stamp, self.kept_stages = 0.0, None, "", []
        self.notes = []

    def take(self, event: Event) -> bool:
        """Follow an event; True where it is worth writing to the disk. States are the queue's to change."""
        if isinstance(event, StageStarted):
            self.stage, self.title, self.number, self.count = event.stage, event.title, event.number, event.count
            self.message = ""
            if event.reused:
                self.kept_stages.append(event.stage)
            return True
        if isinstance(event, StageProgress) and math.isfinite(event.overall) and math.isfinite(event.seconds_left or 0.0):
            self.fraction, self.message, self.seconds_left = event.overall, event.message, event.seconds_left
        elif isinstance(event, Preview):
            self.preview = event.path
        elif isinstance(event, Note) and event.message not in self.notes:
            self.notes.append(event.message)
        elif isinstance(event, StateChanged) and event.state is JobState.CANCELLING:
            self.state = event.state
            return True
        return isinstance(event, StageDone)
