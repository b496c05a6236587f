"""Which files of a job folder may be fetched: the job's own, wherever the user let it lie."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from ..contract import EVENTS_FILE, LOG_FILE, REQUEST_FILE, RESULT_FILE
from ..runner import PREVIEWS_FOLDER, STAMP_FILE
from .refusal import Refusal

_OWN_FILES = (REQUEST_FILE, EVENTS_FILE, RESULT_FILE, LOG_FILE)


def job_file(folder: Path, name: str) -> Path:
    """A file of the job by its path relative to the job folder. Raises Refusal for anything else.

    The folder is the user's and may hold other things: only finished stages, previews and the job's own files are given
    out. Links are never followed.
    """
    parts = PurePosixPath(name).parts
    if not parts or name.startswith("/") or any(p in ("..", ".") or "\\" in p or ":" in p or "\0" in p for p in parts):
        raise _no_such_file()
    first = folder / parts[0]
    own = parts[0] in _OWN_FILES if len(parts) == 1 else parts[0] == PREVIEWS_FOLDER or (first / STAMP_FILE).is_file()
    path = folder
    for part in parts:
        path = path / part
        if not own or part.startswith(".") or path.is_symlink():
            raise _no_such_file()
    try:
        inside = path.resolve(strict=True).is_relative_to(folder.resolve(strict=True))
    except (OSError, ValueError):
        raise _no_such_file() from None
    if not inside or not path.is_file():
        raise _no_such_file()
    return path


def _no_such_file() -> Refusal:
    return Refusal(404, "the job has no such file", "see the paths in its result")
