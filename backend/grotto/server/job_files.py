"""Which files of a job folder may be fetched: the job's own, wherever the user let it lie."""

from __future__ import annotations

import os
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
    try:
        file = None if any(map(_is_strange, parts)) or not parts else _own_file(folder, parts)
    except (OSError, ValueError):
        file = None  # not there, or a name that no disk takes
    if file is None:
        raise Refusal(404, "the job has no such file", "see the paths in its result")
    return file


def _is_strange(part: str) -> bool:
    return part.startswith((".", "/")) or (os.name == "nt" and ("\\" in part or ":" in part))


def _own_file(folder: Path, parts: tuple[str, ...]) -> Path | None:
    first = folder / parts[0]
    own = parts[0] in _OWN_FILES if len(parts) == 1 else parts[0] == PREVIEWS_FOLDER or (first / STAMP_FILE).is_file()
    path = folder.joinpath(*parts)
    links = any(folder.joinpath(*parts[: count + 1]).is_symlink() for count in range(len(parts)))
    inside = path.resolve(strict=True).is_relative_to(folder.resolve(strict=True))
    return path if own and inside and not links and path.is_file() else None
