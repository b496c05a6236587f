"""The rows of the list of jobs: Blender's lists show collections, so the ids of the jobs stand in one."""

from __future__ import annotations

from typing import Any

import bpy
from bpy.types import PropertyGroup

from ..backend import session
from ..backend.client import JobStatus
from ..backend.connection import BackendState
from ..preferences import removed_jobs


class GrottoJobRow(PropertyGroup):
    """A row; its name is the job's id. The state of the job is in `session` and is never saved."""


def shown_jobs() -> list[JobStatus]:
    """Return the ended jobs, newest first, without those that the user removed.

    Running jobs are shown with their progress under Create.
    """
    removed = removed_jobs()
    return [job for job in session.status().jobs if job.state.ended and job.id not in removed]


def earlier_jobs() -> int:
    """Return how many jobs were known when the backend ran last; 0 while it runs and lists them."""
    now = session.status()
    if now.state is BackendState.RUNNING or now.jobs:
        return 0
    return len(set(now.known_jobs) - removed_jobs())


def sync() -> None:
    """Let the rows be those of the shown jobs; the chosen one stays chosen. Not while a panel draws."""
    manager: Any = bpy.context.window_manager
    rows, ids = manager.grotto_jobs, [job.id for job in shown_jobs()]
    before = [row.name for row in rows]
    if before == ids:
        return
    chosen = before[manager.grotto_job_index] if manager.grotto_job_index < len(before) else ""
    rows.clear()
    for job_id in ids:
        rows.add().name = job_id
    manager.grotto_job_index = ids.index(chosen) if chosen in ids else 0


def chosen_job() -> JobStatus | None:
    """Return the job of the chosen row."""
    manager: Any = bpy.context.window_manager
    index = manager.grotto_job_index
    return session.status().job(manager.grotto_jobs[index].name) if index < len(manager.grotto_jobs) else None
