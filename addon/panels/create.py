"""Create: photos in, one button, progress."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from bpy.types import Context, Panel, UILayout

from ...backend.grotto.contract import WallOptions, leaves
from .. import session
from ..backend import BackendState
from ..preferences import preferences
from .progress import draw_progress
from .tab import Tab

ALWAYS_SHOWN = ("camera_distance_m",)


def why_not(settings: Any) -> str:
    """Why a job cannot be started now; "" where it can."""
    kept = preferences()
    running = session.view().state is BackendState.RUNNING
    if not running and (kept is None or not kept.backend.strip()):
        return "Set up the backend first"
    return "" if settings.source.strip() else "Choose a folder of photos first"


class GROTTO_PT_create(Tab, Panel):
    bl_idname = "GROTTO_PT_create"
    bl_label = "Wall"
    bl_order = 2

    def draw(self, context: Context) -> None:
        layout: Any = self.layout
        settings: Any = context.scene.grotto
        layout.use_property_split = True
        layout.use_property_decorate = False
        column = layout.column()
        column.prop(settings, "source")
        column.prop(settings, "quality")
        column.prop(settings, "import_when_done")
        for name in ALWAYS_SHOWN:
            draw_option(column, settings, name)

        active = session.view().active
        if active:
            for job in active:
                draw_progress(layout, context, job)
        else:
            reason = why_not(settings)
            row = layout.row()
            row.scale_y = 1.5
            row.enabled = not reason
            row.operator("grotto.create_wall", text="Create wall", icon="PLAY")
            if reason:
                layout.label(text=reason, icon="INFO")
        draw_details(layout, settings)


def draw_option(layout: UILayout, settings: Any, name: str) -> None:
    """An option with its label inside the field: beside it, a narrow sidebar would cut it."""
    row = layout.row()
    row.use_property_split = False
    row.prop(settings.wall, name)


def draw_details(layout: UILayout, settings: Any) -> None:
    """Every option of the recipe, a closed sub-panel a stage, made from the contract."""
    header, body = layout.panel("grotto_details", default_closed=True)
    header.label(text="Details")
    if body is None:
        return
    body.prop(settings, "out")
    for stage, options in groupby(leaves(WallOptions), key=lambda leaf: leaf.group):
        names = [leaf.name for leaf in options]
        if not stage:
            for name in names:
                draw_option(body, settings, name)
            continue
        inner_header, inner = body.panel(f"grotto_wall_{stage}", default_closed=True)
        inner_header.label(text=stage.capitalize())
        if inner is not None:
            for name in names:
                draw_option(inner, settings, name)
