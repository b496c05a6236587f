"""The job: what was asked, the states it goes through, and where its files lie."""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from .json_text import parse_json
from .malformed import malformed_as_bad_input
from .typed import typed

REQUEST_FILE = "request.json"
EVENTS_FILE = "events.jsonl"
RESULT_FILE = "result.json"
LOG_FILE = "worker.log"


class JobState(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    CANCELLING = "cancelling"
    CANCELLED = "cancelled"
    FAILED = "failed"
    DONE = "done"

    @property
    def ended(self) -> bool:
        return self in (JobState.CANCELLED, JobState.FAILED, JobState.DONE)


@dataclass(frozen=True)
class JobRequest:
    """What every door hands to the worker. `options` is the nested form of the recipe's options."""

    recipe: str
    input: str  # absolute path of the user's folder or file
    out: str  # absolute path of the job folder
    options: dict[str, Any]
    redo: bool = False  # do finished stages again that other code made, in place of keeping them

    def write(self, folder: Path) -> None:
        """Write request.json under a temporary name, then rename: a process that is killed leaves none or a whole one."""
        temporary = folder / f".{REQUEST_FILE}.part"
        told = {name: value for name, value in self.__dict__.items() if name != "redo" or value}  # older readers know no redo
        text = json.dumps(told, indent=1, sort_keys=True)
        temporary.write_text(text + "\n", encoding="utf-8")
        temporary.replace(folder / REQUEST_FILE)

    @classmethod
    def read(cls, folder: Path) -> JobRequest:
        """The request in a job folder. Raises OSError where there is none to read, bad input where it is no request."""
        file = folder / REQUEST_FILE
        with malformed_as_bad_input(f"{file} is not a job's request", "choose another folder, or make the job again"):
            request = typed(cls, parse_json(file.read_bytes()))
            if "\0" in request.input + request.out:
                raise ValueError("a path holds a zero byte")
            return request
