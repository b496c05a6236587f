"""What comes into the scene when a job is done: the import of its result, as `job_import` runs it."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import replace
from pathlib import Path
from typing import Any

from bpy.types import Context

from ...addon.backend import pending, session
from ...addon.backend.client import BackendClient, JobStatus
from ...addon.backend.pending import PendingImport
from .arrival import show_new
from .modal import load_importers


def result_import(context: Context) -> PendingImport:
    """Return the import of a whole result, for the open file and scene."""
    return PendingImport(_steps, _end, file=pending.current_file(), scene=context.scene.name, area=area_of(context))


def area_of(context: Context) -> int:
    """Return the pointer of the area in which the user clicked, 0 without windows."""
    return context.area.as_pointer() if context.area is not None else 0


def _steps(context: Context, folder: Path) -> Generator[str, None, Any]:
    from ...addon.importers.result import import_steps

    return import_steps(context, folder)


def _end(context: Context, imported: Any, by_click: bool) -> str:
    moved = by_click and show_new(context, imported)
    return f"Imported {imported.collection.name}{', beside what is in the scene' if moved else ''}"


def submit(action: Callable[[BackendClient], JobStatus], waiting: PendingImport) -> None:
    """Submit a job in the background; its import waits for its end. A refusal is shown on the problem card."""
    load_importers()
    session.watcher().submit(action, lambda job_id: pending.add(job_id, waiting))


def resubmit(action: Callable[[BackendClient], JobStatus], job_id: str, waiting: PendingImport) -> None:
    """Submit an ended job again, or one in its place: what waited for it, such as its place in the scene, is kept."""
    before = pending.find(job_id)

    def added(new_id: str) -> None:
        pending.take(job_id)
        pending.add(new_id, waiting if before is None else replace(before, offered=False))

    load_importers()
    session.watcher().submit(action, added)
