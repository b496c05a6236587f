"""Folders of jobs that wait or run: no other job may write into them, above them, or into what they read."""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass
from pathlib import Path

from ..contract import Action, JobRequest
from .refusal import Refusal


@dataclass(frozen=True)
class _Places:
    source: Path  # both with links followed
    out: Path


class TakenFolders:
    """What each job that has not ended reads and writes. Safe to call from several threads."""

    def __init__(self) -> None:
        self._places: dict[str, _Places] = {}
        self._lock = threading.Lock()

    def add(self, request: JobRequest, name: str) -> None:
        """Take a job's folders. Raises Refusal where they meet those of a job that has not ended."""
        asked = _places(request)
        with self._lock:
            for other, places in self._places.items():
                _refuse_meeting(asked, other, places)
            self._places[name] = asked

    def hold(self, request: JobRequest, name: str) -> None:
        """Take the folders of a job that was accepted earlier."""
        with self._lock:
            self._places[name] = _places(request)

    def drop(self, name: str) -> None:
        """Give a job's folders free."""
        with self._lock:
            self._places.pop(name, None)


def _places(request: JobRequest) -> _Places:
    return _Places(Path(os.path.realpath(request.input)), Path(os.path.realpath(request.out)))


def _refuse_meeting(asked: _Places, other: str, places: _Places) -> None:
    if asked.out == places.out:
        cause, remedy = f"job {other} already waits or runs in {asked.out}", "choose another output folder"
    elif asked.out.is_relative_to(places.out):
        cause, remedy = f"{asked.out} lies in the folder of job {other}, which has not ended", "choose a folder outside of it"
    elif places.out.is_relative_to(asked.out):
        cause, remedy = f"{asked.out} holds the folder of job {other}, which has not ended", "choose a folder beside it"
    elif asked.source.is_relative_to(places.out):
        cause, remedy = f"{asked.source} is made by job {other}, which has not ended", "wait until it ends"
    elif asked.out.is_relative_to(places.source):
        cause, remedy = f"{asked.out} lies in what job {other} reads, which has not ended", "choose a folder outside of it"
    else:
        return
    raise Refusal(409, cause, remedy, Action.CHOOSE_FOLDER)
