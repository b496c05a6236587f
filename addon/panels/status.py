"""The status strip: state of the backend and one button; and results that wait to be imported, here and in the status bar."""

from __future__ import annotations

from typing import Any

from bpy.types import Context, Panel, UILayout

from ..backend import pending, session
from ..backend.client import JobStatus
from ..backend.connection import BackendState
from ..preferences import is_backend_set
from .tab import Tab

OFFERS = 3  # lines; more are counted


class GROTTO_PT_status(Tab, Panel):
    bl_idname = "GROTTO_PT_status"
    bl_label = "Status"
    bl_options = {"HIDE_HEADER"}
    bl_order = 0

    def draw(self, context: Context) -> None:
        layout: Any = self.layout
        row = layout.split(factor=0.68, align=True)
        row.label(text=session.state_line(is_set=is_backend_set()), icon=session.state_icon())
        state = session.status().state
        if state is BackendState.RUNNING:
            row.operator("grotto.backend_stop", text="Stop")
        elif state is BackendState.STARTING:
            pass
        elif not is_backend_set():
            row.operator("grotto.open_preferences", text="Set up...")
        else:
            row.operator("grotto.backend_start", text="Restart" if state is BackendState.LOST else "Start")
        draw_offers(layout, session.offered_jobs())


def draw_offers(layout: UILayout, jobs: list[JobStatus]) -> None:
    """Draw a line for each job that is done and waits to be imported by a click."""
    for job in jobs[:OFFERS]:
        row = layout.row(align=True)
        row.label(text=f"{job.name} is done", icon="CHECKMARK")
        draw_import(row, job)
        row.operator("grotto.offer_dismiss", text="", icon="X").job_id = job.id
    if len(jobs) > OFFERS:
        layout.label(text=f"and {len(jobs) - OFFERS} more, see Jobs")


def draw_import(row: UILayout, job: JobStatus) -> None:
    waiting = pending.find(job.id)
    row.operator("grotto.job_import", text=waiting.button if waiting is not None else "Import").job_id = job.id


def draw_status_bar(header: Any, context: Context) -> None:
    """Draw the latest of them in Blender's status bar, which every window has."""
    jobs = session.offered_jobs()
    if jobs:
        row = header.layout.row(align=True)
        row.label(text=f"{jobs[0].name} is done", icon="CHECKMARK")
        draw_import(row, jobs[0])
