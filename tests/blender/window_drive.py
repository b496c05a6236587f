"""Driving a real Blender window from a script: steps on a timer, pictures of the screen, and how long the window waited.

Not a test: `window_shot.py` and `elements_shot.py` are driven by it.
"""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import bpy

MODULE = "bl_ext.user_default.grotto"
MOST_SECONDS = 900.0
MOST_MS = 50.0

slowest: dict[str, float] = {}


def part(name: str) -> Any:
    return importlib.import_module(f"{MODULE}.{name}")


def took(what: str, begun: float) -> None:
    """Remember the longest time that something of the extension held the window."""
    slowest[what] = max(slowest.get(what, 0.0), 1000 * (time.perf_counter() - begun))


def time_panel(panel: Any) -> None:
    draw = panel.draw

    def timed(self: Any, context: Any) -> None:
        begun = time.perf_counter()
        draw(self, context)
        took(f"draw {panel.bl_idname}", begun)

    panel.draw = timed


def time_modal(operator: Any) -> None:
    modal = operator.modal

    def timed(self: Any, context: Any, event: Any) -> Any:
        what, begun = "import" if type(self._phase).__name__ == "Importing" else "modal", time.perf_counter()
        ended = modal(self, context, event)
        took(what, begun)
        return ended

    operator.modal = timed


def view_3d() -> tuple[Any, Any, Any]:
    window = bpy.context.window_manager.windows[0]
    area = next(item for item in window.screen.areas if item.type == "VIEW_3D")
    return window, area, next(item for item in area.regions if item.type == "UI")


def grab(path: str) -> None:
    bpy.ops.wm.redraw_timer(type="DRAW_WIN_SWAP", iterations=1)
    subprocess.run(["import", "-window", "root", path], check=True)


def begin(area: Any, region: Any) -> Iterator[float]:
    """An empty scene, the sidebar's tab, and every panel and modal operator timed."""
    time_modal(part("operators.running.modal").JobOperator)
    for panel in part("addon.panels").CLASSES:
        if hasattr(panel, "draw"):
            time_panel(panel)
    bpy.context.preferences.addons[MODULE].preferences.backend = os.environ["SHOT_BACKEND"]
    bpy.data.batch_remove(list(bpy.data.objects))
    area.spaces.active.show_region_ui = True
    yield 1.0
    region.active_panel_category = "Grotto"
    area.tag_redraw()
    yield 0.5


def drive(way: Iterator[float]) -> None:
    """Go the way, each yield so many seconds further; then say what took long, and end Blender with a code."""
    begun = time.monotonic()

    def run() -> float | None:
        window, area, region = view_3d()
        with bpy.context.temp_override(window=window, area=area, region=region):
            try:
                assert time.monotonic() - begun < MOST_SECONDS, "it took too long"
                return next(way)
            except StopIteration:
                code = 0
            except BaseException:  # noqa: BLE001  (told, then the process ends with a code)
                import traceback

                traceback.print_exc()
                code = 3
        for name, worst in sorted(slowest.items()):
            sys.stdout.write(f"{name}: at most {worst:.1f} ms\n")
        if any(worst > MOST_MS for name, worst in slowest.items() if name != "import"):
            sys.stdout.write(f"the window waited longer than {MOST_MS:.0f} ms\n")
            code = code or 4
        part("addon.backend.session").unregister()
        sys.stdout.flush()
        os._exit(code)

    bpy.context.preferences.view.show_splash = False
    bpy.app.timers.register(run, first_interval=3.0)
