"""Stamps: a hash of everything that a result follows from, so that equal work is done once."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from ...formats import NotRegularError, open_regular
from .listing import Finder, files_read

CACHE_FILE = ".input_hashes.json"
_PIECE = 1 << 20
_SETTLED_SECONDS = 2.0  # a file changed more recently may change again within its clock's tick


def stamp_of(value: Any) -> str:
    """A hash of plain values and dataclasses; the order of dictionary keys does not matter."""
    text = json.dumps(plain(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", errors="backslashreplace")).hexdigest()


def plain(value: Any) -> Any:
    """A value as dictionaries, lists, strings and numbers."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return plain(dataclasses.asdict(value))
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return os.fspath(value) if isinstance(value, Path) else value


def sha256_of(path: Path, check: Callable[[], None] | None = None) -> str:
    """Hash of a regular file's content; `check` is called between pieces and may raise.

    Raises OSError, also for what is no file with an end, which is not read.
    """
    digest = hashlib.sha256()
    with open_regular(path) as file:
        left = os.fstat(file.fileno()).st_size  # a file that grows meanwhile is read as long as it was
        while left > 0 and (piece := file.read(min(left, _PIECE))):
            digest.update(piece)
            left -= len(piece)
            if check is not None:
                check()
    return digest.hexdigest()


class FileHashes:
    """Hashes of the user's files, remembered in the job folder by path, size and modification time."""

    def __init__(self, folder: Path, finds: Finder | None = None) -> None:
        self._file = folder / CACHE_FILE
        self._finds = finds
        self._known: dict[str, list[Any]] = {}
        try:
            data = json.loads(self._file.read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError):
            data = {}
        if isinstance(data, dict):
            self._known = {key: entry for key, entry in data.items() if _is_entry(entry)}
        self._changed = False

    def of(self, path: Path, report: Callable[[int, int], None] = lambda done, count: None) -> str:
        """Hash of a file, or of all that is read of a folder or a document (see `files_read`) with their names.

        `report(done, count)` is told of every file and may raise to stop.
        """
        files = list(files_read(path, self._finds))
        if files == [(path.name, path)]:
            return stamp_of([path.name, self._file_hash(path, partial(report, 0, 1))])
        entries = []
        for done, (name, file) in enumerate(files):
            report(done, len(files))
            entries.append([name, "" if file is None else self._file_hash(file, partial(report, done, len(files)))])
        self._save()
        return stamp_of(entries)

    def _file_hash(self, path: Path, check: Callable[[], None]) -> str:
        try:
            state = path.stat()
            key = str(path)
            known = self._known.get(key)
            if known is not None and known[:2] == [state.st_size, state.st_mtime_ns]:
                return str(known[2])
            value = sha256_of(path, check)
        except NotRegularError:
            return "no regular file"  # reading it might never end
        except OSError as error:
            return f"unreadable: {error.errno}"  # the stage that reads it names it to the user
        if time.time() - state.st_mtime > _SETTLED_SECONDS:
            self._known[key] = [state.st_size, state.st_mtime_ns, value]
            self._changed = True
        return value

    def _save(self) -> None:
        if not self._changed:
            return
        temporary = self._file.with_name(self._file.name + ".part")
        temporary.write_text(json.dumps(self._known), encoding="utf-8")
        temporary.replace(self._file)
        self._changed = False


def _is_entry(entry: Any) -> bool:
    """Whether it is size, modification time in ns and hash of a file."""
    return isinstance(entry, list) and len(entry) == 3 and [type(value) for value in entry] == [int, int, str]


def job_stamp(recipe: str, options: Any, input_hash: str) -> str:
    """The same for the same work through every door: where input and output lie is left out."""
    return stamp_of({"recipe": recipe, "options": options, "input": input_hash})
