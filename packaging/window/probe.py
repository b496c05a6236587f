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

FOLDER = Path(os.environ["PROBE"])
MODULE = "bl_ext.user_default.grotto"
TICK_SECONDS = 0.02

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
        with timed("import slice" if type(self._phase).__name__ == "Importing" else "modal tick"):
            return run(self, context, event)

    operator.modal = modal


def watch() -> None:
    """Time every panel and every tick of the operators that follow jobs and import."""
    for panel in part("addon.panels").CLASSES:
        if hasattr(panel, "draw"):
            time_draw(panel)
    time_modal(part("operators.running.modal").JobOperator)


def regions() -> list[dict[str, Any]]:
    """Rectangles of all regions of all windows, from the top left of the window."""
    found = []
    for number, window in enumerate(bpy.context.window_manager.windows):
        for area in window.screen.areas:
            for region in area.regions:
                if region.width > 1 and region.height > 1:
                    found.append(
                        {
                            "window": number,
                            "area": area.type,
                            "region": region.type,
                            "x": region.x,
                            "y": window.height - region.y - region.height,
                            "width": region.width,
                            "height": region.height,
                            "tab": getattr(region, "active_panel_category", ""),
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


def state() -> dict[str, Any]:
    """Results in the scene, jobs, and whether the extension waits for something."""
    scene, session = bpy.context.window_manager.windows[0].scene, part("addon.backend.session")
    status = session.status()
    return {
        "roots": [item.name for item in scene.objects if "grotto_recipe" in item],
        "locations": {item.name: list(item.matrix_world.translation) for item in scene.objects},
        "scales": {item.name: list(item.scale) for item in scene.objects if "grotto_recipe" in item},
        "backend": status.state.name,
        "jobs": {job.name: str(job.state) for job in status.jobs},
        "problem": status.problem.sentence() if status.problem else "",
        "busy": [operator.bl_idname for window in bpy.context.window_manager.windows for operator in window.modal_operators],
        "slowest": slowest,
        "version": bpy.app.version_string,
    }


def value(path: str) -> str:
    """Return the value of a setting of the sidebar: "wall.quality"."""
    found: Any = bpy.context.window_manager.windows[0].scene.grotto
    for name in path.split("."):
        found = getattr(found, name)
    return str(found)


ANSWERS: dict[str, Callable[..., Any]] = {"regions": regions, "button": button, "state": state, "value": value}


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


watch()
bpy.app.timers.register(tick, first_interval=1.0, persistent=True)
