"""What sources import and define, kept beside the bytecode, so that a job parses only files that changed since the last one.

An entry is found by the hash of the file's content, so it is never out of date; all are dropped where the parser has changed.
A file that cannot be read or written costs time only.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

from .parsing import Import, Source, parsed

_MOST = 4096  # entries; more are those of files as they were long ago
_PARSER = Path(__file__).with_name("parsing.py")


class SourceCache:
    """The parsed sources of a package and of what its tests put beside it."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._parser = f"{sys.version} {hashlib.sha256(_PARSER.read_bytes()).hexdigest()}"
        self._known = self._load()
        self._used: dict[str, Source] = {}
        self._changed = False

    def source(self, path: Path) -> Source:
        """What the file at a path holds now. Raises OSError, UnicodeDecodeError and SyntaxError."""
        content = path.read_bytes()
        key = hashlib.sha256(content).hexdigest()
        if key not in self._used:
            try:
                self._used[key] = _from_row(self._known[key])
            except (KeyError, TypeError, ValueError):
                self._used[key] = parsed(content.decode("utf-8").replace("\r\n", "\n"))
                self._known[key] = _to_row(self._used[key])
                self._changed = True
        return self._used[key]

    def save(self) -> None:
        """Write what is new."""
        if not self._changed:
            return
        kept = self._known if len(self._known) <= _MOST else {key: self._known[key] for key in self._used}
        own = self._file.with_name(f"{self._file.name}.{os.getpid()}")
        with suppress(OSError):
            self._file.parent.mkdir(exist_ok=True)
            own.write_text(json.dumps({"parser": self._parser, "sources": kept}), encoding="utf-8")
            own.replace(self._file)
        self._changed = False

    def _load(self) -> dict[str, Any]:
        try:
            data = json.loads(self._file.read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError):
            return {}
        if not isinstance(data, dict) or data.get("parser") != self._parser or not isinstance(data.get("sources"), dict):
            return {}
        return dict(data["sources"])


def _to_row(source: Source) -> list[Any]:
    imports = [[one.level, one.module, one.names, one.for_types] for one in source.imports]
    return [imports, sorted(source.defined), source.digest, source.looks_beside_itself]


def _from_row(row: Any) -> Source:
    """Raises TypeError and ValueError for anything that `_to_row` does not make."""
    imports, defined, digest, beside = row
    return Source(
        imports=tuple(
            Import(level, tuple(module), None if names is None else tuple((there, here) for there, here in names), for_types)
            for level, module, names, for_types in imports
        ),
        defined=frozenset(defined),
        digest=digest,
        looks_beside_itself=beside,
    )
