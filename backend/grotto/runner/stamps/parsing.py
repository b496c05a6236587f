"""What one source imports and defines, and the hash of its code. Sources are parsed, never run."""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass


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


def parsed(text: str) -> Source:
    """Parse the text of a module. Raises SyntaxError where it is none."""
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
