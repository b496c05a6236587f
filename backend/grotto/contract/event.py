"""Events: what a running job says, one JSON object a line, in events.jsonl and over HTTP."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from typing import Any, ClassVar

from .job import JobState
from .json_text import parse_json
from .malformed import MALFORMED, reason_of
from .problem import Problem
from .typed import typed


@dataclass(frozen=True, kw_only=True)
class StateChanged:
    """The job went to another state; a failed one carries its problem."""

    event: ClassVar[str] = "state"
    time: float  # seconds since the epoch
    state: JobState
    problem: Problem | None = None


@dataclass(frozen=True, kw_only=True)
class StageStarted:
    event: ClassVar[str] = "stage"
    time: float
    stage: str  # its folder's name
    title: str  # for people
    number: int  # from 1
    count: int  # stages in this recipe
    reused: bool = False  # finished earlier with the same inputs and options


@dataclass(frozen=True, kw_only=True)
class StageProgress:
    event: ClassVar[str] = "progress"
    time: float
    stage: str
    fraction: float  # of this stage, 0 to 1
    overall: float  # of the job, 0 to 1, by the stages' usual shares of time
    seconds_left: float | None  # of the job; None while unknown
    message: str = ""


@dataclass(frozen=True, kw_only=True)
class StageDone:
    event: ClassVar[str] = "stage_done"
    time: float
    stage: str
    seconds: float
    peak_memory_mb: float


@dataclass(frozen=True, kw_only=True)
class Note:
    """One sentence for the user that stays: a photo skipped, a part used instead of a better one."""

    event: ClassVar[str] = "note"
    time: float
    stage: str
    message: str


@dataclass(frozen=True, kw_only=True)
class Preview:
    event: ClassVar[str] = "preview"
    time: float
    stage: str
    path: str  # relative to the job folder, POSIX


Event = StateChanged | StageStarted | StageProgress | StageDone | Note | Preview
_ALL: tuple[type[Any], ...] = (StateChanged, StageStarted, StageProgress, StageDone, Note, Preview)
_KINDS = {kind.event: kind for kind in _ALL}


def event_to_json(event: Event) -> str:
    """One line, without the end of line."""
    data: dict[str, Any] = {"event": event.event}
    for item in dataclasses.fields(event):
        value = getattr(event, item.name)
        data[item.name] = value.as_json() if isinstance(value, Problem) else value
    return json.dumps(data, ensure_ascii=False)


def event_from_json(line: str | bytes) -> Event:
    """The event of a line. Raises ValueError where the line is no event of ours."""
    try:
        data = parse_json(line.encode() if isinstance(line, str) else line)
        event: Event = typed(_KINDS[data.pop("event")], data)
        return event
    except MALFORMED as error:
        raise ValueError(f"the line is no event: {reason_of(error)}") from error
