"""The sources that a file reaches by imports, and their hash. Sources are parsed, never run.

Imports are followed as Python resolves them, with one refinement: `from ..meshes import repair` leads to the file that
defines `repair`, not to everything that the `__init__` of meshes imports. Where the definition is not found, all of the
folder counts.
"""

from __future__ import annotations

import ast
import gc
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

_INIT = "__init__.py"


@dataclass(frozen=True)
class Import:
    """`names` are those of `from module import names`, None for `import module`; `level` counts the leading dots."""

    level: int
    module: tuple[str, ...]
    names: tuple[tuple[str, str], ...] | None  # (name there, name here)
    for_types: bool  # under `if TYPE_CHECKING`


@dataclass(frozen=True)
class Source:
    """What one file imports and defines, and the hash of its code."""

    imports: tuple[Import, ...]
    defined: frozenset[str]  # names that the module's own statements define, imports excepted
    digest: str
    looks_beside_itself: bool  # whether it finds files by its own place

    def import_of(self, name: str) -> Import | None:
        """The import that gives the module this name."""
        return next((one for one in reversed(self.imports) if one.names and name in (here for _, here in one.names)), None)


class Sources:
    """The sources of a package, given by its folder, as they are when each file is first read."""

    def __init__(self, package: Path) -> None:
        self._package = package
        self._read: dict[Path, Source] = {}
        self._edges: dict[Path, frozenset[Path]] = {}

    def hash_of(self, file: Path) -> str:
        """SHA-256 of a file's code and of all that it reaches; comments, docstrings and blank lines do not count."""
        top = self._package.parent
        with _no_collection():
            entries = [f"{os.path.relpath(path, top)} {self._digest(path)}" for path in self.reached(file)]
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
            state = path.stat()
            self._read[path] = _parsed(path, state.st_mtime_ns, state.st_size)
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


@lru_cache(maxsize=4096)
def _parsed(path: Path, _mtime_ns: int, _size: int) -> Source:
    text = path.read_text(encoding="utf-8")
    imports: list[Import] = []
    docstrings: list[ast.stmt] = []
    tree = ast.parse(text)
    for node, for_types in _statements(tree):
        if isinstance(node, ast.Import):
            imports += [Import(0, tuple(alias.name.split(".")), None, for_types) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = tuple((alias.name, alias.asname or alias.name) for alias in node.names)
            module = tuple(node.module.split(".")) if node.module else ()
            imports.append(Import(node.level, module, names, for_types))
        elif isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and _is_text(node.body[0]):
            docstrings.append(node.body[0])
    docstrings += [node for node in tree.body[:1] if _is_text(node)]
    code = _code(text, docstrings)
    return Source(
        imports=tuple(imports),
        defined=frozenset(_defined(tree)),
        digest=hashlib.sha256(code.encode()).hexdigest(),
        looks_beside_itself="__file__" in code or "importlib.resources" in code,
    )


def _statements(tree: ast.Module) -> Iterator[tuple[ast.stmt, bool]]:
    """Every statement, inner ones included, and whether it is there for type checkers only."""
    waiting: list[tuple[ast.stmt, bool]] = [(node, False) for node in reversed(tree.body)]
    while waiting:
        node, for_types = waiting.pop()
        yield node, for_types
        if not hasattr(node, "body") and not hasattr(node, "cases"):
            continue
        checked = isinstance(node, ast.If) and _is_type_checking(node.test)
        waiting += [(inner, for_types or checked) for inner in getattr(node, "body", [])]
        waiting += [(inner, for_types) for name in ("orelse", "finalbody") for inner in getattr(node, name, [])]
        branches = [*getattr(node, "handlers", []), *getattr(node, "cases", [])]
        waiting += [(inner, for_types) for branch in branches for inner in branch.body]


def _is_type_checking(test: ast.expr) -> bool:
    name = test.id if isinstance(test, ast.Name) else test.attr if isinstance(test, ast.Attribute) else ""
    return name == "TYPE_CHECKING"


def _is_text(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def _defined(tree: ast.Module) -> Iterator[str]:
    for node in tree.body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                yield from (name.id for name in ast.walk(target) if isinstance(name, ast.Name))


def _code(text: str, docstrings: list[ast.stmt]) -> str:
    """The text without docstrings, lines of comment and blank lines, where that is safe: in no other string of several lines."""
    lines = text.splitlines()
    for node in docstrings:
        if lines[node.lineno - 1].lstrip().startswith(("'", '"')):
            lines[node.lineno - 1 : node.end_lineno] = [""] * ((node.end_lineno or node.lineno) - node.lineno + 1)
    if any('"""' in line or "'''" in line or line.endswith("\\") for line in lines):
        return "\n".join(lines)
    return "\n".join(line for line in lines if line.strip() and not line.lstrip().startswith("#"))
