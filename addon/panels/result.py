"""Result: facts of the chosen result, its parts, and actions on it."""

from __future__ import annotations

import json
from typing import Any

from bpy.types import Context, Object, Panel, UILayout

from ..importers.parts import is_shown, parts_of
from ..importers.provenance import FOLDER, JOB, OUTDATED, RECIPE
from ..recipes import ELEMENT
from ..scene.results import are_cameras_shown, cameras_of, chosen_root, scale_line
from .tab import Tab, draw_text

CYCLES_DEFAULT_LAYERS = 8  # transparent surfaces along a ray in Cycles; splats need more
PARTS_A_ROW = 3
NOTES = 3  # number of the job's notes that are shown
NO_BREAK = "\u00a0"  # keeps a figure on the line of its label


class GROTTO_PT_result(Tab, Panel):
    bl_idname = "GROTTO_PT_result"
    bl_label = "Result"
    bl_order = 4

    @classmethod
    def poll(cls, context: Context) -> bool:
        return chosen_root(context) is not None

    def draw(self, context: Context) -> None:
        layout: Any = self.layout
        root: Any = chosen_root(context)
        if root is None:
            return
        layout.label(text=root.name, icon="OUTLINER_OB_EMPTY")
        column = layout.column(align=True)
        for line in fact_lines(json.loads(root.get("grotto_facts", "{}"))):
            draw_text(column, context, line)
        draw_text(column, context, scale_line(root))
        for line in route_lines(root):
            draw_text(column, context, line)
        for note in json.loads(root.get("grotto_notes", "[]"))[:NOTES]:
            draw_text(column, context, note, "INFO")
        if json.loads(root.get(OUTDATED, "[]")):
            again = layout.operator("grotto.job_retry", text="Make anew", icon="FILE_REFRESH")
            again.job_id, again.redo = root[JOB], True
        draw_parts(layout, context, root)
        column = layout.column(align=True)
        if root[RECIPE] == ELEMENT.name and "sheet" not in json.loads(root.get("grotto_facts", "{}")).get("route", ""):
            row = column.row(align=True)
            row.operator("grotto.paint_strokes", text="Paint strokes...", icon="BRUSH_DATA")
            row.operator("grotto.cut_again", text="Cut again")
        column.operator("grotto.set_scale", text="Set scale...", icon="DRIVER_DISTANCE")
        if cameras_of(root):
            row = column.row(align=True)
            row.operator("grotto.show_cameras", text="Cameras", icon="OUTLINER_OB_CAMERA", depress=are_cameras_shown(root))
            row.operator("grotto.look_through", text="Look through")
        row = column.row(align=True)
        row.operator("grotto.export_glb", text="Export GLB...", icon="EXPORT")
        for name in ("usdz", "fbx", "obj"):
            row.operator(f"grotto.export_{name}", text=name.upper())
        column.operator("grotto.open_folder", text="Open job folder", icon="FILE_FOLDER").folder = root[FOLDER]


def route_lines(root: Any) -> list[str]:
    """Return lines for the route and the engines."""
    route = json.loads(root.get("grotto_facts", "{}")).get("route")
    engines = json.loads(root.get("grotto_engines", "{}"))
    return [*([f"Route: {route}"] if route else []), *(f"{name.capitalize()}: {what}" for name, what in engines.items())]


def draw_parts(layout: UILayout, context: Context, root: Object) -> None:
    """Draw one button for each part; the shown part's is pressed."""
    parts = parts_of(root)
    if len(parts) < 2:
        return
    layout.label(text="Show:")
    grid = layout.grid_flow(columns=PARTS_A_ROW, align=True, row_major=True, even_columns=True)
    splats_shown = False
    for part in parts:
        shown = is_shown(root, part.path)
        splats_shown = splats_shown or (shown and part.kind == "splats")
        grid.operator("grotto.show_part", text=part.label, depress=shown).path = part.path
    if splats_shown:
        draw_splat_advice(layout, context)


def draw_splat_advice(layout: UILayout, context: Context) -> None:
    """Draw what makes splats look wrong at the current settings, and a button to correct it."""
    space: Any = context.space_data
    if space is not None and space.shading.type in ("SOLID", "WIREFRAME"):
        draw_text(layout, context, "Material Preview shows the splats' colours", "INFO")
    cycles: Any = getattr(context.scene, "cycles", None)
    if cycles is not None and context.scene.render.engine == "CYCLES":
        layers = cycles.transparent_max_bounces
        if layers <= CYCLES_DEFAULT_LAYERS:
            draw_text(layout, context, f"Cycles renders only {layers} splats behind one another", "INFO")
            layout.operator("grotto.see_through_splats", text="Render more")


def fact_lines(facts: dict[str, Any]) -> list[str]:
    """Return lines for the most important facts."""
    lines = []
    if "registered_photos" in facts:
        lines.append(f"{facts['registered_photos']} of {facts.get('input_photos', '?')} photos")
    if "faces" in facts:
        lines.append(f"{facts['faces']:,} faces".replace(",", " "))
    if "mm_per_pixel" in facts and facts.get("scale") == "metric":
        lines.append(f"{facts['mm_per_pixel']:.2f} mm per pixel")
    if isinstance(facts.get("seen_fraction"), int | float):
        lines.append(f"{facts['seen_fraction']:.0%} of the surface was seen")
    for fact, name in (("heldout_psnr_db", "Held-out photos"), ("input_view_psnr_db", "Input photos")):
        scores = facts.get(fact)
        if isinstance(scores, dict) and scores:
            values = {part: value for part, value in scores.items() if isinstance(value, int | float)}
            figures = ", ".join(f"{part}{NO_BREAK}{value:.1f}" for part, value in values.items())
            lines.append(f"{name}: {figures}{NO_BREAK}dB")
            break  # held-out photos are the harder test
    return lines
