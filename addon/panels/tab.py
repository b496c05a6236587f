"""The sidebar tab of the extension, and how its panels draw text and options."""

from __future__ import annotations

import textwrap
from typing import Any

from bpy.types import Context, UILayout


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


def draw_option(layout: UILayout, settings: Any, name: str) -> None:
    """Draw an option with its label inside the field: a label beside it would be cut off in a narrow sidebar."""
    row = layout.row()
    row.use_property_split = False
    row.prop(settings, name)


def duration(seconds: float) -> str:
    """Format a duration: "40 s", "3 min", "2 h 5 min"."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"
