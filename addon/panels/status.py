"""The status strip: one line, one button."""

from __future__ import annotations

from typing import Any

from bpy.types import Context, Panel

from ..backend import session
from ..backend.reach import BackendState
from ..preferences import preferences
from .tab import Tab


class GROTTO_PT_status(Tab, Panel):
    bl_idname = "GROTTO_PT_status"
    bl_label = "Status"
    bl_options = {"HIDE_HEADER"}
    bl_order = 0

    def draw(self, context: Context) -> None:
        row: Any = self.layout.split(factor=0.68, align=True)
        row.label(text=session.state_line(), icon=session.state_icon())
        state, kept = session.view().state, preferences()
        if state is BackendState.RUNNING:
            row.operator("grotto.backend_stop", text="Stop")
        elif state is BackendState.STARTING:
            pass
        elif kept is None or not kept.backend.strip():
            row.operator("grotto.open_preferences", text="Set up...")
        else:
            row.operator("grotto.backend_start", text="Restart" if state is BackendState.LOST else "Start")
