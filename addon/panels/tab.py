"""The sidebar tab of the extension, and how its panels draw text and options."""

from __future__ import annotations

import textwrap
from typing import Any

from bpy.types import Context, UILayout

from ...backend.grotto.contract import Leaf
from ..recipes import RecipeEntry
from ..scene.options import label_of


class Tab:
    """Base of the panels: their place in the sidebar."""

    bl_space_type: Any = "VIEW_3D"
    bl_region_type: Any = "UI"
    bl_category = "Grotto"


def draw_text(layout: UILayout, context: Context, text: str, icon: Any = "NONE") -> None:
    """Draw a sentence, wrapped to the width of the sidebar: Blender cuts off long labels."""
    columns = max(20, int((context.region.width - 60) / (6.6 * context.preferences.system.ui_scale)))
    column = layout.column(align=True)
    column.scale_y = 0.8
    for number, line in enumerate(textwrap.wrap(text, columns)):
        column.label(text=line, icon=icon if number == 0 else "BLANK1" if icon != "NONE" else "NONE")


def draw_option(layout: UILayout, settings: Any, recipe: RecipeEntry, leaf: Leaf) -> None:
    """Draw an option with its label inside the field: a label beside it would be cut off in a narrow sidebar.

    Where 0 means that nothing is given, a button with the word for that stands in place of the number.
    """
    row: Any = layout.row(align=True)
    row.use_property_split = False
    word = leaf.metadata.get("zero", "")
    if word and getattr(settings, leaf.name) == 0:
        give = row.operator("grotto.give_option", text=f"{label_of(leaf)}: {word}")
        give.recipe, give.option = recipe.name, leaf.name
        return
    row.prop(settings, leaf.name)
    if word:
        leave = row.operator("grotto.give_option", text="", icon="X")
        leave.recipe, leave.option, leave.given = recipe.name, leaf.name, False


def sentence(text: str) -> str:
    """Begin a line of a job's with a capital."""
    return text[:1].upper() + text[1:]


def duration(seconds: float) -> str:
    """Format a duration: "40 s", "3 min", "2 h 5 min"."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"
