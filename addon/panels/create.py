"""Create: recipe, source, options, the Create button, progress."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from bpy.types import Context, Panel, UILayout

from ...backend.grotto.contract import leaves
from ..backend import session
from ..backend.connection import BackendState
from ..preferences import is_backend_set
from ..recipes import ELEMENT, RecipeEntry
from ..scene.settings import chosen_recipe, chosen_settings
from .elements import draw_budget, draw_elements, is_listed
from .progress import draw_progress
from .tab import Tab, draw_option


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
    bl_order = 2

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
        column.prop(shared, "import_when_done")
        for name in recipe.always_shown:
            draw_option(column, settings, name)
        if recipe.budgets:
            draw_budget(column, recipe, settings)

        active = session.status().active
        if active:
            for job in active:
                draw_progress(layout, context, job)
        else:
            reason = why_disabled(recipe, settings)
            row = layout.row()
            row.scale_y = 1.5
            row.enabled = not reason
            several = recipe is ELEMENT and is_listed(shared)
            operator = "grotto.create_elements" if several else recipe.operator
            row.operator(operator, text=f"Create {count_ticked(shared)}" if several else f"Create {recipe.name}", icon="PLAY")
            if reason:
                layout.label(text=reason, icon="INFO")
        draw_details(layout, recipe, settings)


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


def draw_details(layout: UILayout, recipe: RecipeEntry, settings: Any) -> None:
    """Draw the other options of the recipe, one closed sub-panel for each group in the contract."""
    header, body = layout.panel("grotto_details", default_closed=True)
    header.label(text="Details")
    if body is None:
        return
    body.prop(settings, "out")
    for (group, title), options in groupby(leaves(recipe.options), key=lambda leaf: (leaf.group, leaf.title)):
        names = [leaf.name for leaf in options if leaf.name not in recipe.always_shown]
        if not group:
            for name in names:
                draw_option(body, settings, name)
            continue
        inner_header, inner = body.panel(f"grotto_{recipe.name}_{group}", default_closed=True)
        inner_header.label(text=title)
        if inner is not None:
            for name in names:
                draw_option(inner, settings, name)
