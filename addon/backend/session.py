"""What runs now, in this Blender: module objects only, so that nothing of it is ever saved in a .blend."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

import bpy

from ...backend.grotto.contract import EXIT_DONE, Problem
from .reach import BackendSettings, BackendState
from .watch import View, Watch

TICK_SECONDS = 0.25

CLIENT_ID = uuid.uuid4().hex  # of this Blender, for the lease
_NOTHING = View()

_watch: Watch | None = None
_seen: View = _NOTHING
_exit_code = EXIT_DONE
_last_problem: Problem | None = None


def backend_settings() -> BackendSettings:
    """What threads need to know of the preferences. Main thread only."""
    from ..preferences import PACKAGE, preferences

    kept = preferences()
    try:
        folder = Path(bpy.utils.extension_path_user(PACKAGE, path="log", create=True))
    except ValueError:  # registered from a checkout, not as an installed extension
        folder = Path(bpy.app.tempdir)
    program = bpy.path.abspath(kept.backend) if kept is not None else ""
    return BackendSettings(program=program, log=folder / "backend.log", client_id=CLIENT_ID)


def read_preferences() -> None:
    """Tell the watch that the preferences changed."""
    if _watch is not None:
        _watch.settings = backend_settings()


def watch() -> Watch:
    """The watch, started when first needed. Main thread only."""
    global _watch
    if _watch is None:
        _watch = Watch(backend_settings())
        _watch.start()
    return _watch


def view() -> View:
    """The latest view of the backend, without starting anything."""
    return _watch.view if _watch is not None else _NOTHING


def state_line() -> str:
    """The status strip's words."""
    from ..preferences import preferences

    seen, kept = view(), preferences()
    if seen.state is BackendState.STOPPED and (kept is None or not kept.backend.strip()):
        return BackendState.NOT_SET.value
    if seen.state is BackendState.RUNNING:
        count = len(seen.active)
        return "Ready" if not count else "1 job" if count == 1 else f"{count} jobs"
    return seen.state.value


def state_icon() -> Any:
    return {
        BackendState.RUNNING: "CHECKMARK",
        BackendState.STARTING: "SORTTIME",
        BackendState.LOST: "ERROR",
        BackendState.UNUSABLE: "ERROR",
    }.get(view().state, "RADIOBUT_OFF")


def remember_end(exit_code: int, problem: Problem | None = None) -> None:
    """Keep how the last operator ended, for scripts: `bpy.context.window_manager.grotto_exit_code`."""
    global _exit_code, _last_problem
    _exit_code, _last_problem = exit_code, problem


def exit_code() -> int:
    return _exit_code


def last_problem() -> Problem | None:
    return _last_problem


def _tick() -> float:
    """Redraw the panels when the watch saw something new; this timer is all that the main thread does meanwhile."""
    global _seen
    now = view()
    if now is not _seen:
        _seen = now
        redraw()
    return TICK_SECONDS


def redraw() -> None:
    """Ask Blender to draw our panels again."""
    for window in bpy.context.window_manager.windows:
        for area in window.screen.areas:
            if area.type in ("VIEW_3D", "IMAGE_EDITOR", "PREFERENCES"):
                for region in area.regions:
                    if region.type in ("UI", "WINDOW") and (region.type == "UI" or area.type == "PREFERENCES"):
                        region.tag_redraw()


def register() -> None:
    # Timers never fire without windows, and one left over hangs some versions of the bpy module at exit.
    if not bpy.app.background:
        bpy.app.timers.register(_begin, first_interval=1.0, persistent=True)


def _begin() -> None:
    """A moment after the start: find a backend that an earlier Blender left at work."""
    watch()
    if not bpy.app.timers.is_registered(_tick):
        bpy.app.timers.register(_tick, first_interval=TICK_SECONDS, persistent=True)


def unregister() -> None:
    global _watch
    for timer in (_begin, _tick):
        if bpy.app.timers.is_registered(timer):
            bpy.app.timers.unregister(timer)
    if _watch is not None:
        _watch.stop()
        _watch = None
