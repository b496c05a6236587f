"""Imports that wait for their jobs, by job id. They live as long as Blender runs: no window, file or operator holds them."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class PendingImport:
    """What comes into the scene when a job is done."""

    steps: Callable[[Any, Path], Generator[str, None, Any]]  # of context and job folder; brings the result into the scene
    end: Callable[[Any, Any, bool], str]  # of context, what the steps return, and whether a window shows it; the report
    file: int  # number of the open file at the click
    scene: str  # name of the scene at the click
    area: int = 0  # pointer of the area that was clicked; it may be closed meanwhile
    button: str = "Import"
    asks_setting: bool = True  # begins by itself only while "Import when done" is ticked
    offered: bool = False  # waits for the user's click


_waiting: dict[str, PendingImport] = {}  # written by two threads: single operations on a dictionary are atomic
_file = 0
_path = ""


def add(job_id: str, pending: PendingImport) -> None:
    _waiting[job_id] = pending


def find(job_id: str) -> PendingImport | None:
    return _waiting.get(job_id)


def take(job_id: str) -> PendingImport | None:
    """Remove the import of a job and return it."""
    return _waiting.pop(job_id, None)


def offer(job_id: str) -> None:
    """Leave the import to the user's click."""
    found = _waiting.get(job_id)
    if found is not None:
        _waiting[job_id] = replace(found, offered=True)


def all_pending() -> dict[str, PendingImport]:
    return dict(_waiting)


def offers() -> tuple[str, ...]:
    """Return the ids of jobs whose import waits for a click."""
    return tuple(job_id for job_id, pending in all_pending().items() if pending.offered)


def current_file() -> int:
    """Return the number of the open file: it grows whenever another file takes the place of the open one."""
    return _file


def file_opened(path: str) -> None:
    """Count a file that was opened. The open file itself, read again from the disk, stays the same."""
    global _file, _path
    if not path or path != _path:
        _file += 1
    _path = path


def file_saved(path: str) -> None:
    """Follow the open file to another name."""
    global _path
    _path = path


def clear() -> None:
    _waiting.clear()
