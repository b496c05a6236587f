"""Progress of a running job: stage, bar, time left, picture, Cancel."""

from __future__ import annotations

from pathlib import Path

from bpy.types import Context, UILayout

from ...backend.grotto.contract import JobState
from .. import pictures
from ..backend.client import JobStatus
from .tab import draw_text, duration, sentence

PICTURE_SCALE = 9.0
NOTES = 3  # the latest


def draw_progress(layout: UILayout, context: Context, job: JobStatus) -> None:
    """Draw the progress of a job."""
    box = layout.box()
    row = box.row()
    row.label(text=job.name, icon="RENDER_STILL")
    row.operator("grotto.job_cancel", text="Cancel", icon="CANCEL").job_id = job.id
    left = f", {duration(job.seconds_left)} left" if job.seconds_left else ""
    if job.state is JobState.RUNNING:
        box.progress(factor=job.fraction, type="BAR", text=f"{job.fraction:.0%}{left}")
    draw_text(box, context, job.stage_line)
    if job.message:
        draw_text(box, context, sentence(job.message))
    for note in job.notes[-NOTES:]:
        draw_text(box, context, sentence(note), "INFO")
    if job.preview:
        icon = pictures.icon_of(job.id, Path(job.out) / job.preview)
        if icon:
            box.template_icon(icon_value=icon, scale=PICTURE_SCALE)
