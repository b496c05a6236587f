"""The state of this Blender's connection to the backend. It lives in this module and is never saved in a .blend."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

import bpy

from ...backend.grotto.contract import EXIT_DONE, JobState, Problem
from . import pending
from .client import BackendClient, JobStatus
from .connection import BackendSettings, BackendState
from .watcher import BackendStatus, BackendWatcher

TICK_SECONDS = 0.25

CLIENT_ID = uuid.uuid4().hex  # of this Blender, for the lease
_NO_STATUS = BackendStatus()

_read_settings: Callable[[], BackendSettings] | None = None
_watcher: BackendWatcher | None = None
_changed: Callable[[], None] | None = None
_drawn: BackendStatus = _NO_STATUS
_drawn_offers: tuple[str, ...] = ()
_estimates: dict[str, dict[str, Any]] = {}  # by what they are for; {} where nobody knows
_drawn_estimates = 0
_estimating: Future[None] | None = None
_exit_code = EXIT_DONE
_last_problem: Problem | None = None


def backend_settings() -> BackendSettings:
    """Read the settings through the function given to `register`. Main thread only."""
    if _read_settings is None:
        raise RuntimeError("the extension is not registered")
    return _read_settings()


def reload_settings() -> None:
    """Pass changed settings on to the watcher."""
    if _watcher is not None:
        _watcher.settings = backend_settings()


def watcher() -> BackendWatcher:
    """Return the watcher, started at the first call. Main thread only."""
    global _watcher
    if _watcher is None:
        _watcher = BackendWatcher(backend_settings())
        _watcher.start()
    return _watcher


def status() -> BackendStatus:
    """Return the latest status of the backend, without starting anything."""
    return _watcher.status if _watcher is not None else _NO_STATUS


def state_line(*, is_set: bool) -> str:
    """Return the words of the status strip; `is_set` tells whether the preferences name a backend."""
    now = status()
    if now.state is BackendState.STOPPED and not is_set:
        return BackendState.NOT_SET.value
    if now.state is BackendState.RUNNING:
        count = len(now.active)
        jobs = "Ready" if not count else "1 job" if count == 1 else f"{count} jobs"
        return f"{jobs}: {now.machine.line}" if now.machine.free_gb else jobs
    return now.state.value


def state_icon() -> Any:
    return {
        BackendState.RUNNING: "CHECKMARK",
        BackendState.STARTING: "SORTTIME",
        BackendState.LOST: "ERROR",
        BackendState.UNUSABLE: "ERROR",
    }.get(status().state, "RADIOBUT_OFF")


def record_outcome(exit_code: int, problem: Problem | None = None) -> None:
    """Record how the last operator ended, for scripts: `bpy.context.window_manager.grotto_exit_code`."""
    global _exit_code, _last_problem
    _exit_code, _last_problem = exit_code, problem


def exit_code() -> int:
    return _exit_code


def last_problem() -> Problem | None:
    return _last_problem


def redraw() -> None:
    """Redraw the extension's panels."""
    for window in bpy.context.window_manager.windows:
        for area in window.screen.areas:
            if area.type in ("VIEW_3D", "IMAGE_EDITOR", "PREFERENCES"):
                for region in area.regions:
                    if region.type in ("UI", "WINDOW") and (region.type == "UI" or area.type == "PREFERENCES"):
                        region.tag_redraw()


def redraw_status_bar() -> None:
    """Redraw the status bar, which is in no screen's list of areas: clearing its text redraws it."""
    for window in bpy.context.window_manager.windows:
        with bpy.context.temp_override(window=window):  # without a window, as in a timer after a file was opened, Blender crashes
            window.workspace.status_text_set(None)


def register(read_settings: Callable[[], BackendSettings], changed: Callable[[], None] | None = None) -> None:
    """Begin. `read_settings` is called on the main thread whenever the settings are needed, `changed` before each redraw."""
    global _read_settings, _changed
    _read_settings, _changed = read_settings, changed
    # Timers never fire without windows, and one left over hangs some versions of the bpy module at exit.
    if not bpy.app.background:
        bpy.app.timers.register(_begin, first_interval=1.0, persistent=True)


def _begin() -> None:
    """Start watching a moment after Blender's start: an earlier Blender may have left a backend at work."""
    watcher()
    if not bpy.app.timers.is_registered(_redraw_if_changed):
        bpy.app.timers.register(_redraw_if_changed, first_interval=TICK_SECONDS, persistent=True)


def _redraw_if_changed() -> float:
    """Redraw the panels after a change of status: all that the main thread does while a job runs."""
    global _drawn, _drawn_offers, _drawn_estimates
    now, offers, estimates = status(), pending.offers(), len(_estimates)
    if now != _drawn or offers != _drawn_offers or estimates != _drawn_estimates:
        if offers != _drawn_offers:
            redraw_status_bar()
        _drawn, _drawn_offers, _drawn_estimates = now, offers, estimates
        if _changed is not None:
            _changed()
        redraw()
    return TICK_SECONDS


def estimate(recipe: str, source: str, values: dict[str, Any], nested: Callable[[], dict[str, Any]]) -> dict[str, Any] | None:
    """Return what a job would cost, {} where nobody knows, None until the backend has answered. It is not started for this.

    values: of the options, by name. `nested` returns them as the backend reads them: too slow for each draw.
    """
    global _estimating
    key = json.dumps([recipe, source, values, sum(job.state is JobState.DONE for job in status().jobs)])
    if key in _estimates:
        return _estimates[key]
    if status().state is BackendState.RUNNING and (_estimating is None or _estimating.done()):
        options = nested()

        def read(client: BackendClient) -> None:
            _estimates[key] = {}  # where the backend refuses: the job itself says what is wrong
            _estimates[key] = client.estimate(recipe, source, options)

        _estimating = watcher().read_quietly(read)
    return None


def offered_jobs() -> list[JobStatus]:
    """Return the jobs that are done and whose import waits for a click, newest first."""
    offers = pending.offers()
    return [job for job in status().jobs if job.id in offers and job.state is JobState.DONE]


def unregister() -> None:
    global _watcher, _read_settings
    for timer in (_begin, _redraw_if_changed):
        if bpy.app.timers.is_registered(timer):
            bpy.app.timers.unregister(timer)
    if _watcher is not None:
        _watcher.stop()
        _watcher = None
    pending.clear()
    _estimates.clear()
    _read_settings = None
