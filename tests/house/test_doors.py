"""Who may import whom. Imports are read, not run, relative ones resolved; planted violations test the test."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest
from parsed_sources import tree

ROOT = Path(__file__).resolve().parents[2]

# The backend's floors, top first. A room uses rooms below it and beside it; everybody uses `contract`.
FLOORS = (
    ("cli", "server"),
    ("evaluation",),
    ("recipes/wall", "recipes/scan", "recipes/cut", "recipes/element", "recipes"),
    ("recipes/stages",),
    ("recipes/assets", "recipes/inputs", "recipes/weights"),
    ("runner", "models", "synthetic"),
    ("meshes", "relief", "fields", "splats", "ortho", "views"),
    ("fitting", "sfm", "masks"),
    ("render", "metrics", "photos"),
    ("scene",),
    ("formats",),
    ("contract",),
)
APART = "recipes/"  # rooms of this floor never import one another
# Blender's side, and all that it may use.
EXTENSION = {"root": ("addon", "operators"), "operators": ("addon", "contract"), "addon": ("contract",)}
FLOOR_OF = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}
MOST_FILES = 20  # in one folder, its `__init__` included


def room_of(parts: tuple[str, ...]) -> str:
    """The room that a path in the repository lies in: ("backend", "grotto", "sfm", "pairs", "matching") is in sfm."""
    if parts[:2] != ("backend", "grotto"):
        return parts[0] if len(parts) > 1 else "root"
    if len(parts) > 4 or (len(parts) == 4 and "/".join(parts[2:4]) in FLOOR_OF):
        inner = "/".join(parts[2:4])
        return inner if inner in FLOOR_OF else parts[2]
    return parts[2] if len(parts) > 2 else "backend"


def imports(path: Path, root: Path) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Line and target, as parts of a path, of each import of our own; for `from a import b` the target is a/b."""
    package = path.relative_to(root).parent.parts
    for node in ast.walk(tree(path)):
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
        parts = path.relative_to(root).with_suffix("").parts
        here = room_of(parts)
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
            elif here != there and here.startswith(APART) and there.startswith(APART) and FLOOR_OF[here] == FLOOR_OF[there]:
                yield f"{where}: recipes never import one another"
            if target[:2] == ("backend", "grotto") and not is_offered(root, parts[:-1], target):
                yield f"{where}: only what the door of {'/'.join(door_of(root, target))} offers"


def door_of(root: Path, target: tuple[str, ...]) -> tuple[str, ...]:
    """The innermost package on the way to a target."""
    package = target
    while not (root.joinpath(*package) / "__init__.py").is_file() and len(package) > 2:
        package = package[:-1]
    return package


def is_offered(root: Path, importer: tuple[str, ...], target: tuple[str, ...]) -> bool:
    """Whether the target is a name that its package's __init__ binds, or lies in a package that the importer is in."""
    package = door_of(root, target)
    if package == importer[: len(package)] or package == ("backend", "grotto"):
        return True
    if package == target:
        return True
    return len(target) == len(package) + 1 and target[-1] in bound_names(root.joinpath(*package) / "__init__.py")


def bound_names(file: Path) -> set[str]:
    """The names that a module binds at its top."""
    bound: set[str] = set()
    for node in tree(file).body:
        if isinstance(node, ast.ImportFrom):
            bound |= {alias.asname or alias.name for alias in node.names}
        elif isinstance(node, ast.ClassDef | ast.FunctionDef):
            bound.add(node.name)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            bound |= {target.id for target in targets if isinstance(target, ast.Name)}
    return bound


def file_graph(root: Path) -> dict[str, set[str]]:
    """Which file imports which, doors looked through: a name leads to the file that binds it first."""
    files = {path.relative_to(root).with_suffix("").parts: path for path in source_files(root)}
    graph: dict[str, set[str]] = {}
    for parts, path in files.items():
        if parts[-1] != "__init__":
            used = {defining_file(root, target) for _, target in imports(path, root)} - {parts, ()}
            graph["/".join(parts)] = {"/".join(file) for file in used}
    return graph


def defining_file(root: Path, target: tuple[str, ...], seen: frozenset[tuple[str, ...]] = frozenset()) -> tuple[str, ...]:
    """The file that defines an imported name, as parts without a suffix; () where it is a package."""
    if root.joinpath(*target).with_suffix(".py").is_file():
        return target
    holder = target[:-1]
    if holder and root.joinpath(*holder).with_suffix(".py").is_file():
        return holder
    init = root.joinpath(*holder) / "__init__.py"
    if target in seen or not init.is_file():
        return ()
    for node in ast.walk(tree(init)):
        if isinstance(node, ast.ImportFrom) and node.level:
            for alias in node.names:
                if (alias.asname or alias.name) == target[-1]:
                    above = holder[: len(holder) - node.level + 1]
                    inner = tuple(part for part in (node.module or "").split(".") if part)
                    return defining_file(root, (*above, *inner, alias.name), seen | {target})
    return ()


def too_full(root: Path) -> list[str]:
    """Folders that hold more files than one can look over."""
    folders: dict[str, int] = {}
    for path in source_files(root):
        folder = path.parent.relative_to(root).as_posix()
        folders[folder] = folders.get(folder, 0) + 1
    return [f"{folder}: {count} files" for folder, count in folders.items() if count > MOST_FILES]


def test_doors_are_kept() -> None:
    assert list(violations(ROOT)) == []


def test_every_room_has_a_floor() -> None:
    rooms = {room_of(path.relative_to(ROOT).with_suffix("").parts) for path in source_files(ROOT)}
    assert rooms - {"__init__", "__main__"} <= {*FLOOR_OF, *EXTENSION}


def test_every_folder_has_a_door() -> None:
    folders = {path.parent for path in source_files(ROOT)}
    assert [folder for folder in folders if not (folder / "__init__.py").is_file()] == []


def test_no_folder_is_too_full() -> None:
    assert too_full(ROOT) == []


def test_files_do_not_import_in_circles() -> None:
    TopologicalSorter(file_graph(ROOT)).prepare()  # raises CycleError and names the circle


def test_rooms_do_not_import_in_circles() -> None:
    graph: dict[str, set[str]] = {}
    for path in source_files(ROOT):
        here = room_of(path.relative_to(ROOT).with_suffix("").parts)
        graph.setdefault(here, set()).update(room_of(target) for _, target in imports(path, ROOT))
        graph[here].discard(here)
    TopologicalSorter(graph).prepare()


@pytest.mark.parametrize(
    ("file", "line"),
    [
        ("addon/panel.py", "from ..backend.grotto.sfm import find_cameras"),
        ("addon/panel.py", "from ..operators import run"),
        ("operators/run.py", "import grotto.runner"),
        ("backend/grotto/sfm/pairs/choosing.py", "from ...runner import Stage"),
        ("backend/grotto/sfm/pairs/choosing.py", "from ...photos.reading import read_image"),
        ("backend/grotto/sfm/pairs/choosing.py", "from ...photos import reading"),
        ("backend/grotto/sfm/pairs/choosing.py", "from ..cameras.inside import find_cameras"),
        ("backend/grotto/sfm/pairs/choosing.py", "from grotto.server import app"),
        ("backend/grotto/contract/job.py", "def late():\n    from .. import formats"),
        ("backend/grotto/recipes/wall/recipe.py", "from .....addon import client"),
        ("backend/grotto/recipes/wall/recipe.py", "from ..scan import Stage"),
        ("backend/grotto/recipes/stages/surface.py", "from ..scan import Stage"),
    ],
)
def test_a_planted_violation_is_found(tmp_path: Path, file: str, line: str) -> None:
    planted_house(tmp_path)
    planted = tmp_path / file
    planted.parent.mkdir(parents=True, exist_ok=True)
    assert list(violations(tmp_path)) == []
    planted.write_text(line + "\n")
    assert len(list(violations(tmp_path))) >= 1


def test_a_sub_room_uses_its_neighbour_by_the_door(tmp_path: Path) -> None:
    planted_house(tmp_path)
    (tmp_path / "backend/grotto/sfm/pairs/choosing.py").write_text(
        "from ..cameras import find_cameras\nfrom .inside import Stage\n"
    )
    assert list(violations(tmp_path)) == []


def test_a_circle_through_doors_is_found(tmp_path: Path) -> None:
    planted_house(tmp_path)
    (tmp_path / "backend/grotto/sfm/pairs/inside.py").write_text("from ..cameras import find_cameras\n")
    TopologicalSorter(file_graph(tmp_path)).prepare()
    (tmp_path / "backend/grotto/sfm/cameras/inside.py").write_text("from ..pairs import Stage\n")
    with pytest.raises(ValueError, match="cycle"):
        TopologicalSorter(file_graph(tmp_path)).prepare()


def test_a_folder_that_is_too_full_is_found(tmp_path: Path) -> None:
    planted_house(tmp_path)
    assert too_full(tmp_path) == []
    for number in range(MOST_FILES):
        (tmp_path / f"backend/grotto/photos/file_{number}.py").touch()
    assert too_full(tmp_path) == [f"backend/grotto/photos: {MOST_FILES + 2} files"]


def planted_house(root: Path) -> None:
    """A small house with rooms and sub-rooms in which every door offers the same three names."""
    rooms = ("photos", "runner", "server", "contract", "formats", "sfm/pairs", "sfm/cameras")
    for room in (*rooms, "recipes/wall", "recipes/scan", "recipes/stages"):
        folder = root / "backend/grotto" / room
        folder.mkdir(parents=True)
        (folder / "__init__.py").write_text("from .inside import read_image, find_cameras, Stage\n")
        (folder / "inside.py").write_text("Stage = find_cameras = read_image = None\n")
    for room in ("", "sfm", "recipes"):
        (root / "backend/grotto" / room / "__init__.py").touch()
