"""Begin the import of jobs that are done: a timer that no file, window or operator ends."""

from __future__ import annotations

from typing import Any

import bpy
from bpy.app.handlers import persistent

from ...addon.backend import pending, session
from ...addon.backend.pending import PendingImport
from ...backend.grotto.contract import JobState, bug
from .modal import is_importing

TICK_SECONDS = 0.25
BUSY_JOBS: tuple[Any, ...] = ("RENDER", "OBJECT_BAKE")  # of Blender; new data under them could end it


def _follow() -> float:
    """Begin one import that waits, if nothing else is at work."""
    if not is_importing():
        for job_id, waiting in pending.all_pending().items():
            job = session.status().job(job_id)
            if job is not None and job.state is JobState.DONE and not waiting.offered and _begin(job_id, waiting):
                break
    return TICK_SECONDS


def _begin(job_id: str, waiting: PendingImport) -> bool:
    """Begin an import where the user expects it, or offer it to a click; return whether one began."""
    window = window_for(waiting)
    if window is None:
        pending.offer(job_id)
        return False
    if any(bpy.app.is_job_running(kind) for kind in BUSY_JOBS):
        return False
    area = _view(window, waiting.area)
    region = next((item for item in area.regions if item.type == "WINDOW"), None) if area is not None else None
    where = {"window": window, "screen": window.screen} | ({"area": area, "region": region} if region is not None else {})
    try:
        with bpy.context.temp_override(**where):
            bpy.ops.grotto.job_import("INVOKE_DEFAULT", job_id=job_id)
    except RuntimeError as error:  # what the operator reports; raised here it would end the timer
        pending.take(job_id)
        session.watcher().show_problem(bug(f"the import failed ({str(error).strip()})").problem, job_id)
    return True


def window_for(waiting: PendingImport) -> Any:
    """Return a window that shows the scene of the click, or None where the file is another or the user imports by hand."""
    scene: Any = bpy.data.scenes.get(waiting.scene)
    if scene is None or waiting.file != pending.current_file():
        return None
    if waiting.asks_setting and not scene.grotto.import_when_done:
        return None
    windows = bpy.context.window_manager.windows
    shown = [window for window in windows if window.scene == scene]
    clicked = (window for window in shown if any(area.as_pointer() == waiting.area for area in window.screen.areas))
    return next(clicked, shown[0] if shown else None)


def _view(window: Any, clicked: int) -> Any:
    """Return the 3D view that was clicked, else the window's largest."""
    views = [area for area in window.screen.areas if area.type == "VIEW_3D"]
    same = next((area for area in views if area.as_pointer() == clicked), None)
    return same or max(views, key=lambda area: area.width * area.height, default=None)


def _after_load(*_: Any) -> None:
    pending.file_opened(bpy.data.filepath)


def _after_save(*_: Any) -> None:
    pending.file_saved(bpy.data.filepath)


def register() -> None:
    for handlers, handler in ((bpy.app.handlers.load_post, _after_load), (bpy.app.handlers.save_post, _after_save)):
        handlers.append(persistent(handler))  # else it would be dropped with the file
    if not bpy.app.background:
        bpy.app.timers.register(_follow, first_interval=TICK_SECONDS, persistent=True)


def unregister() -> None:
    bpy.app.handlers.load_post.remove(_after_load)
    bpy.app.handlers.save_post.remove(_after_save)
    if bpy.app.timers.is_registered(_follow):
        bpy.app.timers.unregister(_follow)
