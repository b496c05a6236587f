"""Create: recipe, source, options, the Create button, progress."""

from __future__ import annotations

from functools import partial
from itertools import groupby
from typing import Any

from bpy.types import Context, Panel, UILayout

from ...backend.grotto.contract import from_flat
from ...backend.grotto.contract.recipes import to_nested
from ..backend import session
from ..backend.connection import BackendState
from ..preferences import is_backend_set
from ..recipes import ELEMENT, RecipeEntry
from ..scene.options import absolute, leaves_of
from ..scene.settings import chosen_recipe, chosen_settings, quality_for, submitted_values
from .elements import draw_budget, draw_elements, is_listed
from .progress import draw_progress
from .relevance import is_relevant
from .tab import Tab, draw_option, draw_text, duration


def why_disabled(recipe: RecipeEntry, settings: Any) -> str:
    """Return why a job cannot start now, or "" where it can. `settings` are the recipe's."""
    running = session.status().state is BackendState.RUNNING
    if not running and not is_backend_set():
        return "Set up the backend first"
    if not settings.source.strip():
        return recipe.source_missing
    shared: Any = settings.id_data.grotto
    none_ticked = recipe is ELEMENT and is_listed(shared) and not any(item.ticked for item in shared.found.items)
    return "Tick an element first" if none_ticked else ""


class GROTTO_PT_create(Tab, Panel):
    bl_idname = "GROTTO_PT_create"
    bl_label = "Create"
    bl_order = 3

    def draw(self, context: Context) -> None:
        layout: Any = self.layout
        shared: Any = context.scene.grotto
        recipe, settings = chosen_recipe(shared), chosen_settings(shared)
        layout.use_property_split = True
        layout.use_property_decorate = False
        choice = layout.row()
        choice.use_property_split = False
        choice.prop(shared, "recipe", expand=True)
        column = layout.column()
        draw_source(column, recipe, settings)
        if recipe is ELEMENT:
            draw_elements(column, shared)
        column.prop(settings, "quality")
        if settings.quality_is_auto:
            column.label(text=auto_line())
        column.prop(shared, "import_when_done")
        for leaf in leaves_of(recipe.options):
            if leaf.name in recipe.always_shown and is_relevant(recipe, settings, leaf):
                draw_option(column, settings, recipe, leaf)
        if recipe.budgets:
            draw_budget(column, recipe, settings)
        active = session.status().active
        for job in active:
            draw_progress(layout, context, job)
        draw_create(layout, context, recipe, settings, queued=bool(active))
        draw_details(layout, recipe, settings)


def draw_create(layout: UILayout, context: Context, recipe: RecipeEntry, settings: Any, *, queued: bool) -> None:
    """Draw the button that starts or queues a job; above it what the job will cost, below it why it cannot start."""
    shared: Any = context.scene.grotto
    reason = why_disabled(recipe, settings)
    several = recipe is ELEMENT and is_listed(shared)
    if not reason:
        line, too_much = estimate_line(recipe, settings)
        if line:
            draw_text(layout, context, f"{line}{' each' if several else ''}", "ERROR" if too_much else "TIME")
    row = layout.row()
    row.scale_y = 1.0 if queued else 1.5
    row.enabled = not reason
    what = count_ticked(shared) if several else recipe.name
    text = f"Add {what} to queue" if queued else f"Create {what}"
    row.operator("grotto.create_elements" if several else recipe.operator, text=text, icon="ADD" if queued else "PLAY")
    if reason:
        layout.label(text=reason, icon="INFO")


def auto_line() -> str:
    """Return what the quality Auto stands for."""
    now = session.status()
    if now.state is not BackendState.RUNNING:
        return "Standard with CUDA, else Draft"
    return f"{quality_for(now.machine.has_cuda).capitalize()}, as the backend has {'' if now.machine.has_cuda else 'no '}CUDA"


def estimate_line(recipe: RecipeEntry, settings: Any) -> tuple[str, bool]:
    """Return about how long the job takes and how much memory, and whether that is more than is free. "" while unknown."""
    now = session.status()
    if now.state is not BackendState.RUNNING:
        return "", False
    values = submitted_values(recipe, settings, now.machine.has_cuda)
    nested = partial(_nested, recipe, values)
    found = session.estimate(recipe.name, absolute(settings.source), values, nested)
    if found is None:
        return "", False
    if not found:
        return "How long this takes is not known", False
    memory_gb = found["memory_mb"] / 1024
    guess = "" if found["earlier_jobs"] else " (a first guess)"
    low, high = duration(found["least_seconds"]), duration(found["most_seconds"])
    too_much = 0 < now.machine.free_gb < memory_gb
    free = f", {now.machine.free_gb} GB are free" if too_much else ""
    return f"About {low if low == high else f'{low} to {high}'}, {memory_gb:.1f} GB of memory{free}{guess}", too_much


def count_ticked(shared: Any) -> str:
    """Format the number of ticked elements: "3 elements"."""
    count = sum(item.ticked for item in shared.found.items)
    return f"{count} element{'' if count == 1 else 's'}"


def draw_source(layout: UILayout, recipe: RecipeEntry, settings: Any) -> None:
    """Draw the source, with a button that chooses a file where the recipe also takes files."""
    row = layout.row(align=True)
    row.prop(settings, "source")
    if recipe.source_suffixes and recipe.takes_folders:
        row.operator("grotto.choose_source_file", text="", icon="FILE_MOVIE")


def _nested(recipe: RecipeEntry, values: dict[str, Any]) -> dict[str, Any]:
    return to_nested(from_flat(recipe.options, values))


def draw_details(layout: UILayout, recipe: RecipeEntry, settings: Any) -> None:
    """Draw the options that count for what is chosen, one closed sub-panel for each group in the contract."""
    header, body = layout.panel_prop(settings.id_data.grotto, "details_open")
    header.label(text="Details")
    if body is None:
        return
    body.prop(settings, "out")
    shown = [leaf for leaf in leaves_of(recipe.options) if is_relevant(recipe, settings, leaf)]
    for (group, title), options in groupby(shown, key=lambda leaf: (leaf.group, leaf.title)):
        own = [leaf for leaf in options if leaf.name not in recipe.always_shown]
        if not group:
            for leaf in own:
                draw_option(body, settings, recipe, leaf)
            continue
        if not own:
            continue
        inner_header, inner = body.panel(f"grotto_{recipe.name}_{group}", default_closed=True)
        inner_header.label(text=title)
        if inner is not None:
            for leaf in own:
                draw_option(inner, settings, recipe, leaf)
