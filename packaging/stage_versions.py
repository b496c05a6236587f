"""The record of stages' versions beside the code that they run: `python packaging/stage_versions.py --write`.

A stage whose code has changed may give another result from the same inputs and options; unless its version is raised,
jobs would keep the old one. So the test compares code and record. After a change: raise the version in the recipe where
results change, leave it where they do not, and write the record anew.
"""

from __future__ import annotations

import argparse
import ast
import hashlib
import importlib
import inspect
import json
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
RECORD = ROOT / "tests" / "runner" / "stage_versions.json"


def code_hash(file: Path) -> str:
    """Hash of what a stage's module and the modules of its own room that it uses do: comments and docstrings aside."""
    room = file.parent
    found: dict[Path, list[str]] = {}
    waiting = [file]
    while waiting:
        path = waiting.pop()
        if path in found:
            continue
        source = path.read_text(encoding="utf-8")
        tree = ast.parse(source)
        waiting += _used(tree, path)
        found[path] = _code(source, tree)
    text = json.dumps(sorted((path.relative_to(room).as_posix(), code) for path, code in found.items() if room in path.parents))
    return hashlib.sha256(text.encode()).hexdigest()


def _used(tree: ast.Module, path: Path) -> list[Path]:
    """Modules below the same folder that a module imports."""
    used = []
    for node in ast.walk(tree):
        if not isinstance(node, ast.ImportFrom) or node.level != 1:
            continue
        base = path.parent.joinpath(*(node.module or "").split(".")) if node.module else path.parent
        for candidate in (base, *(base / alias.name for alias in node.names)):
            used += [file for file in (candidate.with_suffix(".py"), candidate / "__init__.py") if file.is_file()]
    return [file for file in used if file != path.parent / "__init__.py"]


def _code(text: str, tree: ast.Module) -> list[str]:
    """The lines of code, without docstrings, remarks and blank lines; the same under every version of Python."""
    lines = text.splitlines()
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and ast.get_docstring(node):
            words = node.body[0]
            for number in range(words.lineno - 1, words.end_lineno or words.lineno):
                lines[number] = ""
    return [line for line in lines if line.strip() and not line.lstrip().startswith("#")]


def current() -> dict[str, Any]:
    """Version and code of every stage of every recipe, as they are now."""
    from grotto.recipes import RECIPES

    found: dict[str, Any] = {}
    for name, entry in RECIPES.items():
        recipe = importlib.import_module(entry.module).RECIPE
        for stage in recipe.stages:
            file = Path(inspect.getsourcefile(inspect.unwrap(stage.function)) or "")
            found[f"{name}/{stage.name}"] = {"version": stage.version, "code": code_hash(file)}
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="write the record anew")
    now = current()
    if parser.parse_args().write:
        RECORD.write_text(json.dumps(now, indent=1, sort_keys=True) + "\n", encoding="utf-8")
        return 0
    known = json.loads(RECORD.read_text(encoding="utf-8")) if RECORD.exists() else {}
    changed = sorted(name for name in {*now, *known} if now.get(name) != known.get(name))
    for name in changed:
        sys.stdout.write(f"{name} changed\n")
    return 1 if changed else 0


if __name__ == "__main__":
    sys.exit(main())
