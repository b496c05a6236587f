"""The problem card: cause, remedy, and a control that applies the remedy. It is always in the same place."""

from __future__ import annotations

from typing import Any

from bpy.types import Context, Panel, UILayout

from ...backend.grotto.contract import Action, Problem
from ..backend import session
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
        draw_action(box, status.problem, settings_for(context, status.problem_job), status.problem_job)
        row = box.row(align=True)
        if status.problem_job:  # finished stages are kept, so every stopped job can be retried
            row.operator("grotto.job_retry", text="Retry", icon="LOOP_BACK").job_id = status.problem_job
        row.operator("grotto.dismiss_problem", text="Dismiss", icon="X")


def settings_for(context: Context, job_id: str) -> Any:
    """Return the sidebar's settings of a job's recipe; of the chosen recipe if the problem is not a job's."""
    shared: Any = context.scene.grotto
    job = session.status().job(job_id)
    if job is None:
        return chosen_settings(shared)
    return getattr(shared, job.recipe) if job.recipe in RECIPES else None


def draw_action(layout: UILayout, problem: Problem, settings: Any, job_id: str) -> None:
    """Draw the control for the problem: the option to change, or a button."""
    match problem.action:
        case Action.CHANGE_OPTIONS if problem.option and hasattr(settings, problem.option):
            draw_option(layout, settings, problem.option)
        case Action.START_BACKEND:
            layout.operator("grotto.backend_start", text="Restart backend", icon="FILE_REFRESH")
        case Action.CHOOSE_FOLDER:
            layout.operator("grotto.choose_source", text="Choose folder", icon="FILE_FOLDER")
        case Action.OPEN_PREFERENCES:
            layout.operator("grotto.open_preferences", text="Open preferences", icon="PREFERENCES")
        case Action.OPEN_LOG:
            layout.operator("grotto.open_log", text="Open log", icon="TEXT").job_id = job_id
        case _:
            pass
