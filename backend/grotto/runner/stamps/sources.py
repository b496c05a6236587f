"""The sources that a file reaches by imports, and their hash. Sources are parsed, never run.

Imports are followed as Python resolves them, with one refinement: `from ..meshes import repair` leads to the file that
defines `repair`, not to everything that the `__init__` of meshes imports. Where the definition is not found, all of the
folder counts.
"""

from __future__ import annotations

import gc
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

from .parsing import Import, Source
from .source_cache import SourceCache

_CACHE = "__pycache__/sources.json"  # below the package's folder
_INIT = "__init__.py"


class Sources:
    """The sources of a package, given by its folder, as they are when each file is first read."""

    def __init__(self, package: Path) -> None:
        self._package = package
        self._cache = _cache_of(package)
        self._read: dict[Path, Source] = {}
        self._edges: dict[Path, frozenset[Path]] = {}

    def hash_of(self, file: Path) -> str:
        """SHA-256 of a file's code and of all that it reaches; comments, docstrings and blank lines do not count."""
        top = self._package.parent
        with _no_collection():
            entries = [f"{os.path.relpath(path, top)} {self._digest(path)}" for path in self.reached(file)]
            self._cache.save()
        return hashlib.sha256("\n".join(sorted(entries)).encode("utf-8", errors="backslashreplace")).hexdigest()

    def reached(self, file: Path) -> set[Path]:
        """The file, the files that its imports lead to, theirs, and what lies in the folder of one that looks beside itself."""
        found: set[Path] = set()
        waiting = [file]
        while waiting:
            path = waiting.pop()
            if path not in found:
                found.add(path)
                waiting += self._next(path)
        return found

    def _next(self, path: Path) -> frozenset[Path]:
        if path.suffix != ".py":
            return frozenset()
        if path not in self._edges:
            source, found = self._source(path), set[Path]()
            for one in source.imports:
                if not one.for_types or path.name == _INIT:  # a door may name for types what it imports when it is used
                    found.update(self._targets(path, one))
            if source.looks_beside_itself:
                found.update(_files_below(path.parent))
            self._edges[path] = frozenset(found)
        return self._edges[path]

    def _targets(self, path: Path, one: Import) -> Iterator[Path]:
        module = self._module(path, one)
        if module is None:
            return
        file = _file_of(module)
        if one.names is None:
            yield from [file] if file else _files_below(module)
        elif file is not None and file.name != _INIT:
            yield file
        else:
            for name, _ in one.names:
                yield from self._named(module, name, frozenset())

    def _named(self, module: Path, name: str, seen: frozenset[tuple[Path, str]]) -> Iterator[Path]:
        """The files behind a name that the package folder `module` offers."""
        door = module / _INIT
        source = self._source(door) if door.is_file() else None
        given = source.import_of(name) if source else None
        if source and name == "*":
            yield door
        elif given and (module, name) not in seen:
            origin = self._module(door, given)
            there = next(there for there, here in given.names or () if here == name)
            file = _file_of(origin) if origin else None
            if file is not None and file.name != _INIT:
                yield file
            elif origin is not None:
                yield from self._named(origin, there, seen | {(module, name)})
        elif source and name in source.defined:
            yield door
        elif inner := _file_of(module / name):
            yield inner
        else:
            yield from _files_below(module)

    def _digest(self, path: Path) -> str:
        return self._source(path).digest if path.suffix == ".py" else hashlib.sha256(path.read_bytes()).hexdigest()

    def _source(self, path: Path) -> Source:
        if path not in self._read:
            self._read[path] = self._cache.source(path)
        return self._read[path]

    def _module(self, path: Path, one: Import) -> Path | None:
        """Where an imported module lies, without a suffix; None where it is not of this package nor of the file's own."""
        if one.level:
            folder = path.parent
            for _ in range(one.level - 1):
                folder = folder.parent
            return folder.joinpath(*one.module)
        root = self._root(path, one.module[0])
        return root.joinpath(*one.module[1:]) if root else None

    def _root(self, path: Path, first: str) -> Path | None:
        if first == self._package.name:
            return self._package
        return next((folder for folder in path.parents if folder.name == first and (folder / _INIT).is_file()), None)


def _file_of(module: Path) -> Path | None:
    for file in (module / _INIT, module.with_name(module.name + ".py")):
        if file.is_file():
            return file
    return None


def _files_below(folder: Path) -> Iterator[Path]:
    for path in folder.rglob("*"):
        hidden = any(part.startswith(".") or part == "__pycache__" for part in path.relative_to(folder).parts)
        if path.is_file() and not hidden:
            yield path


@contextmanager
def _no_collection() -> Iterator[None]:
    """Python's collector of garbage would spend more time on the short-lived trees than the parser does."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()


@lru_cache(maxsize=16)
def _cache_of(package: Path) -> SourceCache:
    """One for all readers of this process."""
    return SourceCache(package / _CACHE)
