"""Result: facts of the chosen result, its parts, and actions on it."""

from __future__ import annotations

import json
from typing import Any

import bpy
from bpy.types import Context, Object, Panel, UILayout
from mathutils import Vector

from ..importers.parts import is_shown, parts_of
from ..importers.provenance import FOLDER, JOB, OUTDATED, RECIPE
from ..recipes import ELEMENT
from ..scene.results import are_cameras_shown, cameras_of, chosen_root, meshes_of, scale_line
from .tab import Tab, draw_text, sentence

CYCLES_DEFAULT_LAYERS = 8  # transparent surfaces along a ray in Cycles; splats need more
PARTS_A_ROW = 3
FORMATS = ("glb", "usdz", "fbx", "obj")
NO_BREAK = "\u00a0"  # keeps a figure on the line of its label


class GROTTO_PT_result(Tab, Panel):
    bl_idname = "GROTTO_PT_result"
    bl_label = "Result"
    bl_order = 2

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
        facts = json.loads(root.get("grotto_facts", "{}"))
        for line in (*main_facts(facts), *size_line(context, root), scale_line(root)):
            draw_text(column, context, line)
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
        column.operator("grotto.open_folder", text="Open job folder", icon="FILE_FOLDER").folder = root[FOLDER]
        layout.label(text="Export", icon="EXPORT")
        row = layout.row(align=True)
        for name in FORMATS:
            row.operator(f"grotto.export_{name}", text=name.upper())
        draw_making(layout, context, root, facts)


def draw_making(layout: UILayout, context: Context, root: Any, facts: dict[str, Any]) -> None:
    """Draw how the result came about, in a closed sub-panel: scores, route, engines, notes."""
    header, body = layout.panel("grotto_making", default_closed=True)
    header.label(text="How it was made")
    if body is None:
        return
    column = body.column(align=True)
    for line in (*score_lines(facts), *route_lines(root)):
        draw_text(column, context, line)
    for note in json.loads(root.get("grotto_notes", "[]")):
        draw_text(column, context, sentence(note), "INFO")


def route_lines(root: Any) -> list[str]:
    """Return lines for the route and the engines."""
    route = json.loads(root.get("grotto_facts", "{}")).get("route")
    engines = json.loads(root.get("grotto_engines", "{}"))
    return [*([f"Method: {route}"] if route else []), *(f"{name.capitalize()}: {what}" for name, what in engines.items())]


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


def main_facts(facts: dict[str, Any]) -> list[str]:
    """Return at most two lines: how much of the input counts, and how large the mesh is."""
    lines = []
    if "registered_photos" in facts:
        lines.append(f"{facts['registered_photos']} of {facts.get('input_photos', '?')} photos")
    elif isinstance(facts.get("seen_fraction"), int | float):
        lines.append(seen_line(facts))
    if "faces" in facts:
        lines.append(f"{facts['faces']:,} faces".replace(",", NO_BREAK))
    return lines


def size_line(context: Context, root: Object) -> list[str]:
    """Return the size of the shown mesh in the units of the scene, [] where there is none."""
    corners = [item.matrix_world @ Vector(corner) for item in meshes_of(root) for corner in item.bound_box]
    if not corners:
        return []
    units = context.scene.unit_settings
    lengths = [max(axis) - min(axis) for axis in zip(*corners, strict=True)]
    if units.system == "NONE":
        return [" x ".join(f"{length:.3g}" for length in lengths)]
    words = [bpy.utils.units.to_string(units.system, "LENGTH", length * units.scale_length, precision=3) for length in lengths]
    return [" x ".join(word.replace(" ", NO_BREAK) for word in words)]


def seen_line(facts: dict[str, Any]) -> str:
    return f"{facts['seen_fraction']:.0%} of the surface was seen"


def score_lines(facts: dict[str, Any]) -> list[str]:
    """Return lines for resolution, visibility and scores."""
    lines = []
    if "mm_per_pixel" in facts and facts.get("scale") == "metric":
        lines.append(f"{facts['mm_per_pixel']:.2f} mm per pixel")
    if "registered_photos" in facts and isinstance(facts.get("seen_fraction"), int | float):
        lines.append(seen_line(facts))
    for fact, name in (("heldout_psnr_db", "Held-out photos"), ("input_view_psnr_db", "Input photos")):
        scores = facts.get(fact)
        if isinstance(scores, dict) and scores:
            values = {part: value for part, value in scores.items() if isinstance(value, int | float)}
            figures = ", ".join(f"{part}{NO_BREAK}{value:.1f}" for part, value in values.items())
            lines.append(f"{name}: {figures}{NO_BREAK}dB")
            break  # held-out photos are the harder test
    return lines
