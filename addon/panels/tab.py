"""Where all panels of the extension stand."""

from __future__ import annotations

import textwrap
from typing import Any

from bpy.types import Context, UILayout


class Tab:
    bl_space_type: Any = "VIEW_3D"
    bl_region_type: Any = "UI"
    bl_category = "Grotto"


def draw_text(layout: UILayout, context: Context, text: str, icon: Any = "NONE") -> None:
    """A sentence over as many lines as the sidebar's width asks for: Blender cuts labels that are too long."""
    letters = max(20, int((context.region.width - 60) / (6.6 * context.preferences.system.ui_scale)))
    column = layout.column(align=True)
    column.scale_y = 0.8
    for number, line in enumerate(textwrap.wrap(text, letters)):
        column.label(text=line, icon=icon if number == 0 else "BLANK1" if icon != "NONE" else "NONE")


def duration(seconds: float) -> str:
    """ "40 s", "3 min", "2 h 5 min"."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"
