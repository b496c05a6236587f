"""Jobs: everything that the backend did and does, so that a closed Blender loses nothing."""

from __future__ import annotations

from typing import Any

from bpy.types import Context, Panel, UILayout

from ...backend.grotto.contract import JobState
from ..backend import session
from ..backend.client import Job
from ..preferences import removed_jobs
from .tab import Tab, draw_text

SHOWN = 12
ICONS: dict[JobState, Any] = {
    JobState.CANCELLED: "CANCEL",
    JobState.FAILED: "ERROR",
    JobState.DONE: "CHECKMARK",
}


def shown_jobs() -> list[Job]:
    """The latest ended jobs, newest first, without those that the user took off the list.

    What is at work stands with its progress under Create.
    """
    removed = removed_jobs()
    return [job for job in session.view().jobs if job.state.ended and job.id not in removed][:SHOWN]


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


def draw_job(box: UILayout, context: Context, job: Job) -> None:
    row = box.split(factor=0.5)
    row.label(text=job.name, icon=ICONS[job.state])
    buttons = row.row(align=True)
    if job.state is JobState.DONE:
        buttons.operator("grotto.job_import", text="Import").job_id = job.id
    else:
        buttons.operator("grotto.job_retry", text="Retry").job_id = job.id
    buttons.operator("grotto.open_folder", text="", icon="FILE_FOLDER").folder = job.out
    buttons.operator("grotto.job_remove", text="", icon="X").job_id = job.id
    told_above = session.view().problem_job == job.id
    if job.problem is not None and job.state is JobState.FAILED and not told_above:
        draw_text(box, context, job.problem.sentence())
