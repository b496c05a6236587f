"""Answers questions about a Blender window to the program that drives its mouse: where regions lie, which button is hovered.

Blender runs this file at its start (`--python`). It changes nothing in the scene, the preferences or the views.
A question is a line of JSON in the file PROBE/question, the answer is in PROBE/answer.
"""

from __future__ import annotations

import importlib
import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import bpy
from mathutils import Vector

FOLDER = Path(os.environ["PROBE"])
MODULE = "bl_ext.user_default.grotto"
TICK_SECONDS = 0.02
SAMPLE = 2_000  # vertices of a mesh that are looked at

loads: list[str] = []  # the files that were read
slowest: dict[str, float] = {}  # milliseconds of CPU time that something of the extension took on the main thread


def part(name: str) -> Any:
    return importlib.import_module(f"{MODULE}.{name}")


@contextmanager
def timed(name: str) -> Iterator[None]:
    begun = time.thread_time()
    try:
        yield
    finally:
        slowest[name] = max(slowest.get(name, 0.0), 1000 * (time.thread_time() - begun))


def time_draw(panel: Any) -> None:
    run = panel.draw

    def draw(self: Any, context: Any) -> None:
        with timed(f"draw {panel.bl_idname}"):
            run(self, context)

    panel.draw = draw


def time_modal(operator: Any) -> None:
    run = operator.modal

    def modal(self: Any, context: Any, event: Any) -> Any:
        with timed("modal tick" if event.type != "TIMER" or not importing(self) else f"import slice {upcoming(self)}"):
            return run(self, context, event)

    operator.modal = modal


def importing(operator: Any) -> bool:
    return type(operator._phase).__name__ == "Importing"


def upcoming(operator: Any) -> str:
    """Name the slice that runs next: the line in which the innermost generator of the steps waits."""
    steps = operator._phase.steps
    while getattr(steps, "gi_yieldfrom", None) is not None:
        steps = steps.gi_yieldfrom
    frame = getattr(steps, "gi_frame", None)
    return f"{frame.f_code.co_name}:{frame.f_lineno}" if frame is not None else ""


def watch() -> None:
    """Time every panel and every tick of the operators that follow jobs and import."""
    for panel in part("addon.panels").CLASSES:
        if hasattr(panel, "draw"):
            time_draw(panel)
    time_modal(part("operators.running.modal").JobOperator)


def regions(height: int) -> list[dict[str, Any]]:
    """Rectangles of all regions of all windows, from the top left of a screen of so many pixels height."""
    found = []
    for number, window in enumerate(bpy.context.window_manager.windows):
        top = height - window.y - window.height
        for area in window.screen.areas:
            for region in area.regions:
                if region.width > 1 and region.height > 1:
                    found.append(
                        {
                            "window": number,
                            "area": area.type,
                            "region": region.type,
                            "x": window.x + region.x,
                            "y": top + window.height - region.y - region.height,
                            "width": region.width,
                            "height": region.height,
                            "tab": getattr(region, "active_panel_category", ""),
                            "context": getattr(area.spaces.active, "context", ""),
                        }
                    )
    return found


def button(area: str, region: str) -> str:
    """Name what the mouse hovers: the operator of a button, or the path of a property. "" where it hovers nothing."""
    manager, ui = bpy.context.window_manager, bpy.ops.ui
    for window in manager.windows:
        for place in window.screen.areas:
            for inside in place.regions:
                if place.type != area or inside.type != region:
                    continue
                with bpy.context.temp_override(window=window, area=place, region=inside):
                    manager.clipboard = ""
                    for copy, given in ((ui.copy_python_command_button, {}), (ui.copy_data_path_button, {"full_path": True})):
                        if copy.poll():
                            copy(**given)
                        if manager.clipboard:
                            return str(manager.clipboard)
    return ""


def box_of(root: Any) -> list[list[float]]:
    """Lowest and highest corner of the shown meshes of a result, in units of the scene."""
    shown = [item for item in root.children if item.type == "MESH" and item.visible_get()]
    corners = [item.matrix_world @ Vector(corner) for item in shown for corner in item.bound_box]
    return [[pick(axis) for axis in zip(*corners, strict=True)] for pick in (min, max)] if corners else []


def paint_of(root: Any) -> list[str]:
    """Names of the decoded pictures on the shown meshes of a result."""
    shown = [item for item in root.children if item.type == "MESH" and item.visible_get()]
    trees = [slot.material.node_tree for item in shown for slot in item.material_slots if slot.material]
    pictures = {node.image for tree in trees for node in tree.nodes if node.type == "TEX_IMAGE" and node.image}
    return sorted(picture.name for picture in pictures if all(picture.size))


def seen(root: Any) -> list[list[float]]:
    """What a result takes of each 3D view: left, bottom, right and top, where the view's main region is 0 to 1."""
    shown = [item for item in root.children if item.type == "MESH" and item.visible_get()]
    places, found = [], []
    for item in shown:
        vertices = item.data.vertices
        places += [item.matrix_world @ vertices[number].co for number in range(0, len(vertices), 1 + len(vertices) // SAMPLE)]
    for window in bpy.context.window_manager.windows:
        for area in window.screen.areas:
            if area.type == "VIEW_3D" and places:
                matrix = area.spaces.active.region_3d.perspective_matrix
                corners = [matrix @ Vector((*place, 1.0)) for place in places]
                sides = [[0.5 + 0.5 * corner[axis] / corner[3] for corner in corners] for axis in (0, 1)]
                found.append([min(sides[0]), min(sides[1]), max(sides[0]), max(sides[1])])
    return found


def result(root: Any) -> dict[str, Any]:
    """Facts of a result in the scene."""
    return {
        "name": root.name,
        "job": root["grotto_job"],
        "recipe": root["grotto_recipe"],
        "scale": list(root.scale),
        "line": part("addon.scene.results").scale_line(root),
        "box": box_of(root),
        "paint": paint_of(root),
        "seen": seen(root),
    }


def views() -> list[list[str]]:
    """Shading and colour of each 3D view."""
    spaces = [area.spaces.active for window in bpy.context.window_manager.windows for area in window.screen.areas]
    return [[space.shading.type, space.shading.color_type] for space in spaces if space.type == "VIEW_3D"]


def busy() -> list[str]:
    """Names of the operators that hold a window, and whether the extension imports: Blender does not list that always."""
    importing = ["import"] if part("operators.running.modal").is_importing() else []
    return importing + [item.bl_idname for window in bpy.context.window_manager.windows for item in window.modal_operators]


def state() -> dict[str, Any]:
    """Results in the scene, jobs, and whether the extension waits for something."""
    scene, session = bpy.context.window_manager.windows[0].scene, part("addon.backend.session")
    status, last = session.status(), session.last_problem()
    roots = [item for item in scene.objects if "grotto_recipe" in item]
    return {
        "roots": [item.name for item in roots],
        "results": [result(item) for item in roots],
        "views": views(),
        "windows": len(bpy.context.window_manager.windows),
        "units": scene.unit_settings.scale_length,
        "file": bpy.data.filepath,
        "loads": len(loads),
        "pending": list(part("addon.backend.pending").all_pending()),
        "running": [job.id for job in status.active],
        "outcome": [session.exit_code(), last.sentence() if last else ""],
        "locations": {item.name: list(item.matrix_world.translation) for item in scene.objects},
        "backend": status.state.name,
        "jobs": {job.name: str(job.state) for job in status.jobs},
        "problem": status.problem.sentence() if status.problem else "",
        "busy": busy(),
        "slowest": slowest,
        "version": bpy.app.version_string,
    }


def value(path: str) -> str:
    """Return the value of a setting of the sidebar: "wall.quality"."""
    found: Any = bpy.context.window_manager.windows[0].scene.grotto
    for name in path.split("."):
        found = getattr(found, name)
    return str(found)


def browser() -> list[str]:
    """Folder and name in the file browser that is open."""
    spaces = [area.spaces.active for window in bpy.context.window_manager.windows for area in window.screen.areas]
    params = next(space.params for space in spaces if space.type == "FILE_BROWSER")
    return [params.directory.decode(), params.filename]


ANSWERS: dict[str, Callable[..., Any]] = {
    "browser": browser,
    "regions": regions,
    "button": button,
    "state": state,
    "value": value,
}


def tick() -> float:
    question = FOLDER / "question"
    if question.exists():
        asked = json.loads(question.read_text(encoding="utf-8"))
        question.unlink()
        try:
            answer = {"is": ANSWERS[asked.pop("ask")](**asked)}
        except (RuntimeError, TypeError, AttributeError, LookupError, ValueError) as error:  # the driver raises it
            answer = {"error": repr(error)}
        waiting = FOLDER / "answer.part"
        waiting.write_text(json.dumps(answer), encoding="utf-8")
        waiting.rename(FOLDER / "answer")
    return TICK_SECONDS


@bpy.app.handlers.persistent
def note_load(path: str) -> None:
    loads.append(path)


watch()
bpy.app.handlers.load_post.append(note_load)
bpy.app.timers.register(tick, first_interval=1.0, persistent=True)
