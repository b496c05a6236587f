"""The problem card: cause, remedy, and a control that applies the remedy. It is always in the same place."""

from __future__ import annotations

from typing import Any

from bpy.types import Context, Panel, UILayout

from ...backend.grotto.contract import Action, Problem
from ..backend import session
from ..backend.client import JobStatus
from ..recipes import RECIPES
from ..scene.settings import chosen_settings
from .tab import Tab, draw_option, draw_text


class GROTTO_PT_problem(Tab, Panel):
    bl_idname = "GROTTO_PT_problem"
    bl_label = "Problem"
    bl_options = {"HIDE_HEADER"}
    bl_order = 1

    @classmethod
    def poll(cls, context: Context) -> bool:
        return session.status().problem is not None

    def draw(self, context: Context) -> None:
        status = session.status()
        if status.problem is None:
            return
        box = self.layout.box()
        cause = status.problem.cause[:1].upper() + status.problem.cause[1:]
        draw_text(box, context, f"{cause}.", "ERROR")
        if status.problem.remedy:
            remedy = status.problem.remedy[:1].upper() + status.problem.remedy[1:]
            draw_text(box, context, f"{remedy}.", "NONE")
        job = status.job(status.problem_job)
        changes_option = draw_option_of(box, context, status.problem, job)
        draw_action(box, status.problem, status.problem_job)
        row = box.row(align=True)
        if changes_option and job is not None:
            draw_create_again(row, job)
        elif status.problem_job:  # finished stages are kept, so every stopped job can be retried
            row.operator("grotto.job_retry", text="Retry", icon="LOOP_BACK").job_id = status.problem_job
        row.operator("grotto.dismiss_problem", text="Dismiss", icon="X")


def draw_option_of(layout: UILayout, context: Context, problem: Problem, job: JobStatus | None) -> bool:
    """Draw the option that the problem names; return False where it names none, or the sidebar has no such option."""
    shared: Any = context.scene.grotto
    if job is None:
        settings = chosen_settings(shared)
    else:
        settings = getattr(shared, job.recipe) if job.recipe in RECIPES else None
    if not problem.option or not hasattr(settings, problem.option):
        return False
    draw_option(layout, settings, problem.option)
    return True


def draw_create_again(layout: UILayout, job: JobStatus) -> None:
    """Draw the button that runs the job with the sidebar's options: a retry would use the options of the failed job."""
    again: Any = layout.operator(RECIPES[job.recipe].operator, text="Create again", icon="LOOP_BACK")
    again.source, again.out = job.input, job.out


def draw_action(layout: UILayout, problem: Problem, job_id: str) -> None:
    """Draw the button for the problem's action."""
    match problem.action:
        case Action.START_BACKEND:
            layout.operator("grotto.backend_start", text="Restart backend", icon="FILE_REFRESH")
        case Action.CHOOSE_FOLDER:
            layout.operator("grotto.choose_source", text="Choose folder", icon="FILE_FOLDER")
        case Action.OPEN_PREFERENCES:
            layout.operator("grotto.open_preferences", text="Open preferences", icon="PREFERENCES")
        case Action.OPEN_LOG:
            layout.operator("grotto.open_log", text="Open log", icon="TEXT").job_id = job_id
        case Action.NONE | Action.RETRY | Action.CHANGE_OPTIONS:
            pass  # drawn with the option, or beside Dismiss
