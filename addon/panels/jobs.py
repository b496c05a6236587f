"""Jobs: the ended jobs of the backend, including those of earlier Blender sessions."""

from __future__ import annotations

from typing import Any

from bpy.types import Context, Panel, UILayout

from ...backend.grotto.contract import JobState
from ..backend import session
from ..backend.client import JobStatus
from ..preferences import removed_jobs
from .tab import Tab, draw_text

SHOWN = 12
ICONS: dict[JobState, Any] = {
    JobState.CANCELLED: "CANCEL",
    JobState.FAILED: "ERROR",
    JobState.DONE: "CHECKMARK",
}


def shown_jobs() -> list[JobStatus]:
    """Return the latest ended jobs, newest first, without those that the user removed.

    Running jobs are shown with their progress under Create.
    """
    removed = removed_jobs()
    return [job for job in session.status().jobs if job.state.ended and job.id not in removed][:SHOWN]


class GROTTO_PT_jobs(Tab, Panel):
    bl_idname = "GROTTO_PT_jobs"
    bl_label = "Jobs"
    bl_order = 3

    @classmethod
    def poll(cls, context: Context) -> bool:
        return bool(shown_jobs())

    def draw(self, context: Context) -> None:
        for job in shown_jobs():
            draw_job(self.layout.box(), context, job)


def draw_job(box: UILayout, context: Context, job: JobStatus) -> None:
    """Draw the name of a job and its buttons."""
    row = box.split(factor=0.5)
    row.label(text=job.name, icon=ICONS[job.state])
    buttons = row.row(align=True)
    if job.state is JobState.DONE:
        buttons.operator("grotto.job_import", text="Import").job_id = job.id
    else:
        buttons.operator("grotto.job_retry", text="Retry").job_id = job.id
    buttons.operator("grotto.open_folder", text="", icon="FILE_FOLDER").folder = job.out
    buttons.operator("grotto.job_remove", text="", icon="X").job_id = job.id
    on_card = session.status().problem_job == job.id
    if job.problem is not None and job.state is JobState.FAILED and not on_card:
        draw_text(box, context, job.problem.sentence())
