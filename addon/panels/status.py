"""The status strip: state of the backend and one button."""

from __future__ import annotations

from typing import Any

from bpy.types import Context, Panel

from ..backend import session
from ..backend.connection import BackendState
from ..preferences import is_backend_set
from .tab import Tab


class GROTTO_PT_status(Tab, Panel):
    bl_idname = "GROTTO_PT_status"
    bl_label = "Status"
    bl_options = {"HIDE_HEADER"}
    bl_order = 0

    def draw(self, context: Context) -> None:
        row: Any = self.layout.split(factor=0.68, align=True)
        row.label(text=session.state_line(is_set=is_backend_set()), icon=session.state_icon())
        state = session.status().state
        if state is BackendState.RUNNING:
            row.operator("grotto.backend_stop", text="Stop")
        elif state is BackendState.STARTING:
            pass
        elif not is_backend_set():
            row.operator("grotto.open_preferences", text="Set up...")
        else:
            row.operator("grotto.backend_start", text="Restart" if state is BackendState.LOST else "Start")
