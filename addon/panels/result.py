"""Result: what can be done with an imported wall."""

from __future__ import annotations

import json
from typing import Any

from bpy.types import Context, Panel

from ..importers.provenance import FOLDER, SCALE
from ..results import chosen_root
from .tab import Tab


class GROTTO_PT_result(Tab, Panel):
    bl_idname = "GROTTO_PT_result"
    bl_label = "Result"
    bl_order = 4

    @classmethod
    def poll(cls, context: Context) -> bool:
        return chosen_root(context) is not None

    def draw(self, context: Context) -> None:
        layout = self.layout
        root: Any = chosen_root(context)
        if root is None:
            return
        layout.label(text=root.name, icon="OUTLINER_OB_EMPTY")
        column = layout.column(align=True)
        for line in fact_lines(json.loads(root.get("grotto_facts", "{}"))):
            column.label(text=line)
        column.label(text="Scale: metres" if root[SCALE] == "metric" else "Scale: arbitrary, set a known length")
        column = layout.column(align=True)
        column.operator("grotto.set_scale", text="Set scale...", icon="DRIVER_DISTANCE")
        column.operator("grotto.look_through", text="Look through camera", icon="CAMERA_DATA")
        column.operator("grotto.export_glb", text="Export GLB...", icon="EXPORT")
        column.operator("grotto.open_folder", text="Open job folder", icon="FILE_FOLDER").folder = root[FOLDER]


def fact_lines(facts: dict[str, Any]) -> list[str]:
    """The facts that an artist asks for first."""
    lines = []
    if "registered_photos" in facts:
        lines.append(f"{facts['registered_photos']} of {facts.get('input_photos', '?')} photos")
    if "faces" in facts:
        lines.append(f"{facts['faces']:,} faces".replace(",", " "))
    if "mm_per_pixel" in facts and facts.get("scale") == "metric":
        lines.append(f"{facts['mm_per_pixel']:.2f} mm per pixel")
    return lines
