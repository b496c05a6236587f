"""Who may import whom. Imports are read, not run, relative ones resolved; a planted violation tests the test."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

# The backend's floors, top first. A room uses rooms below it and beside it, never in a circle; everybody uses `contract`.
FLOORS = (
    ("cli", "server"),
    ("evaluation",),
    ("recipes",),
    ("runner", "models", "generators", "segmenters", "synthetic"),
    ("ortho", "views", "fields", "splats", "meshes", "relief"),
    ("photos", "masks", "sfm", "render", "metrics"),
    ("formats",),
    ("contract",),
)
# Blender's side, and all that it may use.
EXTENSION = {"root": ("addon", "operators"), "operators": ("addon", "contract"), "addon": ("contract",)}
FLOOR_OF = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}


def room_of(parts: tuple[str, ...]) -> str:
    """The room that a path in the repository lies in: ("backend", "grotto", "sfm", "pairs") is in sfm."""
    if parts[:2] == ("backend", "grotto"):
        return parts[2] if len(parts) > 2 else "backend"
    return parts[0] if len(parts) > 1 else "root"


def imports(path: Path, root: Path) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Line and target, as parts of a path, of each import of our own; for `from a import b` the target is a/b."""
    package = path.relative_to(root).parent.parts
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [tuple(alias.name.split(".")) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else ()
            names = [(*above, *(node.module or "").split("."), alias.name) for alias in node.names]
        else:
            continue
        for name in names:
            target = tuple(part for part in name if part)
            target = ("backend", *target) if target[0] == "grotto" else target
            if target[0] in ("backend", "addon", "operators"):
                yield node.lineno, target


def source_files(root: Path) -> list[Path]:
    return [
        *root.glob("__init__.py"),
        *(path for top in ("addon", "operators", "backend/grotto") for path in (root / top).rglob("*.py")),
    ]


def violations(root: Path) -> Iterator[str]:
    for path in source_files(root):
        here = room_of(path.relative_to(root).with_suffix("").parts)
        for line, target in imports(path, root):
            there = room_of(target)
            where = f"{path.relative_to(root)}:{line}: {here} -> {'.'.join(target)}"
            if here in EXTENSION:
                if there != here and there not in EXTENSION[here]:
                    yield f"{where}: {here} may use {', '.join(EXTENSION[here])} only"
            elif here in FLOOR_OF and there not in FLOOR_OF:
                yield f"{where}: the backend does not know {there}"
            elif here in FLOOR_OF and FLOOR_OF[there] < FLOOR_OF[here]:
                yield f"{where}: {there} is on a floor above"
            if (
                there != here
                and there in FLOOR_OF
                and (root / "backend/grotto" / there).is_dir()
                and not is_offered(root, target)
            ):
                yield f"{where}: only what {there}'s __init__ offers"


def is_offered(root: Path, target: tuple[str, ...]) -> bool:
    """Whether the target is the room itself, or a name that the room's __init__ binds."""
    tree = ast.parse((root / Path(*target[:3]) / "__init__.py").read_text(encoding="utf-8"))
    bound: set[str] = set()
    for node in tree.body:
        if isinstance(node, ast.ImportFrom):
            bound |= {alias.asname or alias.name for alias in node.names}
        elif isinstance(node, ast.ClassDef | ast.FunctionDef):
            bound.add(node.name)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            bound |= {target.id for target in targets if isinstance(target, ast.Name)}
    return len(target) == 3 or (len(target) == 4 and target[3] in bound)


def test_doors_are_kept() -> None:
    assert list(violations(ROOT)) == []


def test_every_room_has_a_floor() -> None:
    rooms = {room_of(path.relative_to(ROOT).with_suffix("").parts) for path in source_files(ROOT)}
    assert rooms - {"__init__", "__main__"} <= {*FLOOR_OF, *EXTENSION}


def test_rooms_do_not_import_in_circles() -> None:
    graph: dict[str, set[str]] = {}
    for path in source_files(ROOT):
        here = room_of(path.relative_to(ROOT).with_suffix("").parts)
        graph.setdefault(here, set()).update(room_of(target) for _, target in imports(path, ROOT))
        graph[here].discard(here)
    TopologicalSorter(graph).prepare()  # raises CycleError and names the circle


@pytest.mark.parametrize(
    ("file", "line"),
    [
        ("addon/panel.py", "from ..backend.grotto.sfm import find_cameras"),
        ("addon/panel.py", "from ..operators import run"),
        ("operators/run.py", "import grotto.runner"),
        ("backend/grotto/sfm/pairs/choosing.py", "from ..runner import Stage"),
        ("backend/grotto/sfm/pairs/choosing.py", "from ..photos.reading import read_image"),
        ("backend/grotto/sfm/pairs/choosing.py", "from ..photos import reading"),
        ("backend/grotto/sfm/pairs/choosing.py", "from grotto.server import app"),
        ("backend/grotto/contract/job.py", "def late():\n    from .. import formats"),
        ("backend/grotto/recipes/wall/recipe.py", "from ....addon import client"),
    ],
)
def test_a_planted_violation_is_found(tmp_path: Path, file: str, line: str) -> None:
    for room in ("sfm", "photos", "runner", "server", "contract", "formats", "recipes"):
        (tmp_path / "backend/grotto" / room).mkdir(parents=True)
        (tmp_path / "backend/grotto" / room / "__init__.py").write_text("from .inside import read_image, find_cameras, Stage\n")
    planted = tmp_path / file
    planted.parent.mkdir(parents=True, exist_ok=True)
    assert list(violations(tmp_path)) == []
    planted.write_text(line + "\n")
    assert len(list(violations(tmp_path))) >= 1
