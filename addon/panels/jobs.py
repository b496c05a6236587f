"""Jobs: the ended jobs of the backend, including those of earlier Blender sessions."""

from __future__ import annotations

import time
from typing import Any

from bpy.types import Context, Panel, UILayout, UIList

from ...backend.grotto.contract import JobState
from ..backend import session
from ..backend.client import JobStatus
from ..recipes import FINDS, RECIPES
from .job_rows import chosen_job, earlier_jobs, shown_jobs
from .tab import Tab, draw_text

ROWS = 5
DATE_WIDTH = 0.38  # of a row
ICONS: dict[JobState, Any] = {
    JobState.CANCELLED: "CANCEL",
    JobState.FAILED: "ERROR",
    JobState.DONE: "CHECKMARK",
}


class GROTTO_UL_jobs(UIList):
    bl_idname = "GROTTO_UL_jobs"

    def draw_item(
        self,
        context: Any,
        layout: UILayout,
        data: Any,
        item: Any,
        icon: Any,
        active_data: Any,
        active_property: Any,
        index: Any = 0,
        flt_flag: Any = 0,
    ) -> None:
        """Draw a row: state, name, date."""
        job = session.status().job(item.name)
        if job is None:
            layout.label(text=item.name)
            return
        row = layout.split(factor=1.0 - DATE_WIDTH)
        row.label(text=job.name, icon=ICONS.get(job.state, "SORTTIME"))
        dated: Any = row.row()
        dated.alignment = "RIGHT"
        dated.active = False
        dated.label(text=date_of(job))


def date_of(job: JobStatus) -> str:
    """ "21 Nov 14:03"."""
    return time.strftime("%d %b %H:%M", time.localtime(job.created)).lstrip("0") if job.created else ""


class GROTTO_PT_jobs(Tab, Panel):
    bl_idname = "GROTTO_PT_jobs"
    bl_label = "Jobs"
    bl_order = 4

    @classmethod
    def poll(cls, context: Context) -> bool:
        return bool(earlier_jobs() or shown_jobs())

    def draw(self, context: Context) -> None:
        layout: Any = self.layout
        earlier = earlier_jobs()
        if earlier:
            draw_text(layout, context, f"{earlier} earlier job{'' if earlier == 1 else 's'}: start the backend to see them")
            layout.operator("grotto.backend_start", text="Start", icon="PLAY")
            return
        manager: Any = context.window_manager
        layout.template_list("GROTTO_UL_jobs", "", manager, "grotto_jobs", manager, "grotto_job_index", rows=ROWS)
        job = chosen_job()
        if job is not None:
            draw_job(layout, context, job)


def draw_job(layout: UILayout, context: Context, job: JobStatus) -> None:
    """Draw the buttons of a job, and the reason of its failure."""
    row = layout.row(align=True)
    if job.state is JobState.DONE:
        row.operator("grotto.job_import", text="Show list" if job.recipe == FINDS else "Import").job_id = job.id
    else:
        row.operator("grotto.job_retry", text="Retry", icon="LOOP_BACK").job_id = job.id
    row.operator("grotto.open_folder", text="", icon="FILE_FOLDER").folder = job.out
    row.operator("grotto.open_log", text="", icon="TEXT").job_id = job.id
    row.operator("grotto.job_remove", text="", icon="X").job_id = job.id
    recipe = RECIPES[job.recipe].label if job.recipe in RECIPES else "Found elements" if job.recipe == FINDS else job.recipe
    layout.label(text=f"{recipe}, {job.stage_line.lower()}")
    on_card = session.status().problem_job == job.id
    if job.problem is not None and job.state is JobState.FAILED and not on_card:
        draw_text(layout, context, job.problem.sentence())
