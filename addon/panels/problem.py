"""The problem card: what happened, what to do, and a button that does it. Always in the same place."""

from __future__ import annotations

from bpy.types import Context, Panel, UILayout

from ...backend.grotto.contract import Action, Problem
from ..backend import session
from .tab import Tab, draw_text


class GROTTO_PT_problem(Tab, Panel):
    bl_idname = "GROTTO_PT_problem"
    bl_label = "Problem"
    bl_options = {"HIDE_HEADER"}
    bl_order = 1

    @classmethod
    def poll(cls, context: Context) -> bool:
        return session.view().problem is not None

    def draw(self, context: Context) -> None:
        view = session.view()
        if view.problem is None:
            return
        box = self.layout.box()
        cause = view.problem.cause[:1].upper() + view.problem.cause[1:]
        draw_text(box, context, f"{cause}.", "ERROR")
        if view.problem.remedy:
            remedy = view.problem.remedy[:1].upper() + view.problem.remedy[1:]
            draw_text(box, context, f"{remedy}.", "NONE")
        draw_action(box, view.problem, view.problem_job)
        row = box.row(align=True)
        if view.problem_job:  # a job that stopped can always be tried again, as finished stages are kept
            row.operator("grotto.job_retry", text="Retry", icon="LOOP_BACK").job_id = view.problem_job
        row.operator("grotto.dismiss_problem", text="Dismiss", icon="X")


def draw_action(row: UILayout, problem: Problem, job_id: str) -> None:
    """The problem's own button."""
    match problem.action:
        case Action.START_BACKEND:
            row.operator("grotto.backend_start", text="Restart backend", icon="FILE_REFRESH")
        case Action.CHOOSE_FOLDER:
            row.operator("grotto.choose_source", text="Choose folder", icon="FILE_FOLDER")
        case Action.OPEN_PREFERENCES:
            row.operator("grotto.open_preferences", text="Open preferences", icon="PREFERENCES")
        case Action.OPEN_LOG:
            row.operator("grotto.open_log", text="Open log", icon="TEXT").job_id = job_id
        case _:
            pass
