"""Rules of the house that a machine can keep; the reasons are in CONTRIBUTING.md."""

from __future__ import annotations

import ast
import importlib.metadata
import re
import sys
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from parsed_sources import tree

from grotto.runner import PARTS

ROOT = Path(__file__).resolve().parents[2]
BACKEND = ROOT / "backend" / "grotto"
OURS = ("backend", "addon", "operators", "packaging", "examples", "tests")
LONGEST = 400  # lines
VAGUE = {
    "utils",
    "util",
    "helpers",
    "helper",
    "manager",
    "common",
    "misc",
    "stuff",
    "various",
    "wish",
    "crumb",
    "bag",
    "tidy",
    "freed",
}
# Comments that quiet a tool, outside the tests: these numbers only fall.
QUIETED = {"type: ignore": 30, "fmt: skip": 40, "fmt: off": 0, "noqa": 3}
LOGS = {"log", "logger", "logging", "warnings", "traceback", "print"}
# CONTRIBUTING.md says why, under "Adding a package".
REFUSED = {"torchvision", "lpips", "piq", "open3d", "pymeshlab", "pytorch3d", "drtk", "kaolin"}


def python_files(*folders: str) -> list[Path]:
    roots = list(ROOT.glob("*.py")) if folders == OURS else []
    return sorted([*roots, *(path for folder in folders for path in (ROOT / folder).rglob("*.py"))])


def imported(path: Path) -> set[str]:
    """First words of the absolute imports of a file."""
    found: set[str] = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            found.add((node.module or "").split(".")[0])
    return found


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_tools_are_quieted_seldom() -> None:
    text = "".join(
        path.read_text(encoding="utf-8") for path in python_files(*OURS) if "tests" not in path.relative_to(ROOT).parts
    )
    counts = {words: len(re.findall(rf"# {words}", text)) for words in QUIETED}
    assert {words: count for words, count in counts.items() if count > QUIETED[words]} == {}


def test_no_backend_file_imports_blender() -> None:
    assert [named(path) for path in python_files("backend") if imported(path) & {"bpy", "bmesh", "mathutils"}] == []


def test_contract_needs_the_standard_library_only() -> None:
    for path in (BACKEND / "contract").rglob("*.py"):
        assert imported(path) <= set(sys.stdlib_module_names), named(path)


def test_backend_init_does_nothing_since_its_place_is_empty_in_the_extension() -> None:
    module = tree(BACKEND / "__init__.py")
    assert all(isinstance(node, ast.Import | ast.Expr) for node in module.body)
    assert imported(BACKEND / "__init__.py") <= set(sys.stdlib_module_names)


def test_files_are_short() -> None:
    long = {named(path): len(path.read_text(encoding="utf-8").splitlines()) for path in python_files(*OURS)}
    assert {name: lines for name, lines in long.items() if lines > LONGEST} == {}


def test_tests_hold_no_init() -> None:
    assert list((ROOT / "tests").rglob("__init__.py")) == []


def test_names_say_something() -> None:
    vague = [named(path) for path in python_files(*OURS) if VAGUE & {*path.stem.split("_"), path.parent.name}]
    for path in python_files(*OURS):
        vague += [
            f"{named(path)}: {node.name}"
            for node in ast.walk(tree(path))
            if isinstance(node, ast.ClassDef | ast.FunctionDef) and VAGUE & set(re.findall(r"[A-Z]?[a-z]+", node.name.lower()))
        ]
    assert vague == []


def swallowed(module: ast.Module) -> Iterator[int]:
    """Lines of handlers that take every exception and neither raise nor hand the error on; a log alone does not count."""
    for node in ast.walk(module):
        if isinstance(node, ast.ExceptHandler):
            kinds = {kind.id for kind in ast.walk(node.type) if isinstance(kind, ast.Name)} if node.type else {"Exception"}
            raises = any(isinstance(inner, ast.Raise) for inner in ast.walk(node))
            hands_on = any(isinstance(inner, ast.Name) and inner.id == node.name for inner in unlogged(node))
            if kinds & {"Exception", "BaseException"} and not (raises or hands_on):
                yield node.lineno


def unlogged(node: ast.AST) -> Iterator[ast.AST]:
    """The nodes below one, without what is only written to a log or printed."""
    for inner in ast.iter_child_nodes(node):
        if isinstance(inner, ast.Call):
            first = inner.func
            while isinstance(first, ast.Attribute):
                first = first.value
            if isinstance(first, ast.Name) and first.id in LOGS:
                continue
        yield inner
        yield from unlogged(inner)


def printed(module: ast.Module) -> Iterator[int]:
    for node in ast.walk(module):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print":
            yield node.lineno


@pytest.mark.parametrize(
    ("rule", "fault", "fair"),
    [
        (swallowed, "try:\n    f()\nexcept Exception:\n    pass", "try:\n    f()\nexcept Exception:\n    raise"),
        (swallowed, "try:\n    f()\nexcept (OSError, BaseException):\n    pass", "try:\n    f()\nexcept OSError:\n    pass"),
        (swallowed, "try:\n    f()\nexcept:\n    pass", "try:\n    f()\nexcept Exception as error:\n    tell(error)"),
        (
            swallowed,
            "try:\n    f()\nexcept Exception as error:\n    log.warning(error)",
            "try:\n    f()\nexcept OSError:\n    log(1)",
        ),
        (printed, "print(1)", "report.note('1')"),
    ],
)
def test_the_rules_find_planted_faults(rule: Callable[[ast.Module], Iterator[int]], fault: str, fair: str) -> None:
    assert list(rule(ast.parse(fault)))
    assert not list(rule(ast.parse(fair)))


def test_no_exception_is_swallowed() -> None:
    files = python_files("backend", "addon", "operators", "packaging")
    assert [f"{named(path)}:{line}" for path in files for line in swallowed(tree(path))] == []


def test_only_the_command_line_prints() -> None:
    files = [path for path in python_files("backend", "addon", "operators") if path != BACKEND / "cli.py"]
    assert [f"{named(path)}:{line}" for path in files for line in printed(tree(path))] == []


@pytest.mark.parametrize("lock", sorted(path.name for path in (ROOT / "packaging").glob("*.lock")))
def test_locks_hold_versions_only(lock: str) -> None:
    for line in (ROOT / "packaging" / lock).read_text(encoding="utf-8").splitlines():
        assert re.fullmatch(r"[a-z0-9-]+==[0-9][0-9a-z.]*", line), line


@pytest.mark.parametrize("lock", ["backend", "development"])
def test_locks_hold_what_is_declared(lock: str) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    declared = project["dependencies"] if lock == "backend" else project["optional-dependencies"]["development"]
    locks = ("backend",) if lock == "backend" else ("backend", "development")
    lines = [line for name in locks for line in (ROOT / "packaging" / f"{name}.lock").read_text(encoding="utf-8").splitlines()]
    assert {name.lower() for name in declared} <= {line.split("==")[0] for line in lines}


def test_refused_packages_are_nowhere() -> None:
    for lock in (ROOT / "packaging").glob("*.lock"):
        assert not REFUSED & {line.split("==")[0] for line in lock.read_text(encoding="utf-8").splitlines()}, lock.name
    for path in python_files(*OURS):
        assert not REFUSED & imported(path), named(path)


def test_what_the_backend_imports_is_declared() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    declared = {re.sub(r"[-_.]+", "-", name).lower() for name in project["dependencies"]}
    packages = importlib.metadata.packages_distributions()
    for path in python_files("backend"):
        for name in imported(path) - set(sys.stdlib_module_names) - {"grotto"}:
            assert declared & {re.sub(r"[-_.]+", "-", package).lower() for package in packages.get(name, [name])}, (
                f"{named(path)}: {name}"
            )


def test_the_doctor_looks_for_what_is_declared() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert sorted(PARTS) == sorted(project["dependencies"])


# Imports that show that a recipe computes instead of calling its subjects.
MATHS = {"cv2", "scipy", "torch", "skimage", "numba"}
MATHS_ALLOWED = {"recipes/wall/report/map_plates.py": "fills the holes of a map before it is drawn"}
LONGEST_RECIPE = 120  # lines: a recipe reads like the method figure of its paper


def test_recipes_call_subjects_and_compute_nothing() -> None:
    computing = {named(path) for path in python_files("backend/grotto/recipes") if imported(path) & MATHS}
    assert computing == {f"backend/grotto/{name}" for name in MATHS_ALLOWED}


def test_a_recipe_is_read_at_a_glance() -> None:
    lines = {named(path): len(path.read_text(encoding="utf-8").splitlines()) for path in BACKEND.glob("recipes/*/recipe.py")}
    assert len(lines) >= 4
    assert {name: count for name, count in lines.items() if count > LONGEST_RECIPE} == {}
