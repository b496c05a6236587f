"""Pictures of running jobs as icons, which panels can show large."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import bpy.utils.previews

_collection: Any = None
_shown: dict[str, str] = {}  # key of the latest picture, by job


def icon_of(job_id: str, picture: Path) -> int:
    """Return the icon number of a picture file, 0 where it cannot be shown. A changed file is loaded again."""
    global _collection
    try:
        key = f"{picture}:{picture.stat().st_mtime_ns}"
    except OSError:
        return 0
    if _collection is None:
        _collection = bpy.utils.previews.new()
    if _shown.get(job_id) != key:
        forget(job_id)
        if key not in _collection:
            _collection.load(key, str(picture), "IMAGE")
        _shown[job_id] = key
    return int(_collection[key].icon_id)


def forget(job_id: str) -> None:
    """Drop a job's picture."""
    key = _shown.pop(job_id, None)
    if _collection is not None and key is not None and key in _collection:
        del _collection[key]


def release() -> None:
    """Free all pictures; otherwise Blender prints a warning at exit."""
    global _collection
    if _collection is not None:
        bpy.utils.previews.remove(_collection)
        _collection = None
    _shown.clear()
