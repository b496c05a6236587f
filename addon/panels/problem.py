"""The problem card: cause, remedy, and a control that applies the remedy. It is always in the same place."""

from __future__ import annotations

from typing import Any

from bpy.types import Context, Panel, UILayout

from ...backend.grotto.contract import Action, Kind, Problem
from ..backend import session
from ..backend.client import JobStatus
from ..backend.connection import BackendState
from ..recipes import RECIPES, RecipeEntry
from ..scene.options import leaves_of
from ..scene.settings import chosen_recipe
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
        draw_action(box, context, status.problem, job)
        row = box.row(align=True)
        if changes_option and job is not None:
            draw_create_again(row, job)
        elif job is not None and job.state.ended:  # finished stages are kept, so every stopped job can be retried
            row.operator("grotto.job_retry", text="Retry", icon="LOOP_BACK").job_id = job.id
            if job.recipe in RECIPES and is_too_large(status.problem):
                smaller = row.operator("grotto.job_retry", text="Retry smaller", icon="LOOP_BACK")
                smaller.job_id, smaller.smaller = job.id, True
        row.operator("grotto.dismiss_problem", text="Dismiss", icon="X")


def is_too_large(problem: Problem) -> bool:
    """Whether the machine has too little for the job, so that a lower quality may help."""
    return problem.kind is Kind.MISSING_RESOURCE and problem.action in (Action.CHANGE_OPTIONS, Action.RETRY)


def draw_option_of(layout: UILayout, context: Context, problem: Problem, job: JobStatus | None) -> bool:
    """Draw the option that the problem names; return False where it names none, or the sidebar has no such option."""
    recipe = recipe_of(context, job)
    leaf = next((leaf for leaf in leaves_of(recipe.options) if leaf.name == problem.option), None) if recipe else None
    if recipe is None or leaf is None:
        return False
    shared: Any = context.scene.grotto
    draw_option(layout, getattr(shared, recipe.name), recipe, leaf)
    return True


def recipe_of(context: Context, job: JobStatus | None) -> RecipeEntry | None:
    """Return the recipe of the job, without a job the chosen one; None where the sidebar does not offer it."""
    return chosen_recipe(context.scene.grotto) if job is None else RECIPES.get(job.recipe)


def draw_create_again(layout: UILayout, job: JobStatus) -> None:
    """Draw the button that runs the job with the sidebar's options: a retry would use the options of the failed job."""
    again: Any = layout.operator(RECIPES[job.recipe].operator, text="Create again", icon="LOOP_BACK")
    again.source, again.out = job.input, job.out


def draw_action(layout: UILayout, context: Context, problem: Problem, job: JobStatus | None) -> None:
    """Draw the buttons for the problem's action. Retry stands beside Dismiss, an option above."""
    recipe = recipe_of(context, job)
    match problem.action:
        case Action.START_BACKEND:
            layout.operator("grotto.backend_start", text="Restart backend", icon="FILE_REFRESH")
        case Action.CHOOSE_FOLDER:
            if recipe is not None and not recipe.takes_folders:
                layout.operator("grotto.choose_source_file", text=f"Choose {recipe.source_label.lower()}", icon="FILE_IMAGE")
            else:
                layout.operator("grotto.choose_source", text="Choose folder", icon="FILE_FOLDER")
        case Action.OPEN_PREFERENCES:
            layout.operator("grotto.open_preferences", text="Open preferences", icon="PREFERENCES")
        case Action.OPEN_LOG:
            layout.operator("grotto.open_log", text="Open log", icon="TEXT").job_id = job.id if job is not None else ""
            if session.status().state is BackendState.UNUSABLE:
                layout.operator("grotto.open_preferences", text="Open preferences", icon="PREFERENCES")
        case Action.CHANGE_OPTIONS if not problem.option and recipe is not None:
            layout.operator("grotto.show_options", text="Open the options", icon="OPTIONS").recipe = recipe.name
