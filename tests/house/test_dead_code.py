"""Every function, class and constant is reached from a place where work begins; a planted dead one is found.

Names are read, not run: a definition is reached where a reached definition or the top of a reached module names it, with
the imports followed through the doors. Methods are reached with their class. Names in strings do not count.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path

from parsed_sources import tree

ROOT = Path(__file__).resolve().parents[2]
TOPS = ("backend/grotto", "addon", "operators")

# Where work begins: by file or folder, the names that something outside of Python's imports asks for.
STARTS: dict[str, tuple[str, ...]] = {
    "__init__.py": ("register", "unregister"),
    "addon": ("register", "unregister", "CLASSES"),
    "operators": ("register", "unregister", "CLASSES"),
    # Called by name from packaging/make_scene.py, which runs in the Blender that has the extension.
    "addon/studio/__init__.py": ("light_subject", "light_wall", "render_parts", "render_turntable", "render_view"),
    "backend/grotto/__main__.py": ("",),
    "backend/grotto/cli.py": ("main",),
    "backend/grotto/runner/worker.py": ("main",),
    "backend/grotto/recipes": ("RECIPE",),
    "backend/grotto/evaluation": ("BENCH",),
    "backend/grotto/models/outside/__main__.py": ("",),
    "backend/grotto/models/outside/runners": ("generate",),
    # Loaded by check_calls.py beside it, which runs outside of the package.
    "backend/grotto/models/outside/runners/stand_ins.py": ("Absent", "Checks", "allow_absent_modules"),
}
# What only tests reach, and why it stays.
EXCEPTIONS = {
    "backend/grotto/evaluation/document.py: outside_blocks": "tests hold the pages to their commands with it",
    "backend/grotto/evaluation/markdown.py: tables_in": "tests read the tables that benches write",
    "backend/grotto/models/zero123plus/scheduler.py: SAMPLERS": "tests go through every sampler",
    "backend/grotto/render/mesh/differentiable/texture.py: sample_raster": "finished meshes are tested against it",
    "backend/grotto/render/mesh/differentiable/texture.py: texture_pyramid": "the same",
    "backend/grotto/synthetic/lens.py: project": "the inverse that viewing directions are tested against",
}
# Not a definition, so not found here: `confidence` of splats/fit.py waits for the recipe of rooms.

Name = tuple[str, str]  # file from the root, and what it defines


class Module:
    """What a file defines at its top, and which names each definition uses."""

    def __init__(self, root: Path, path: Path) -> None:
        self.file = path.relative_to(root).as_posix()
        self.defined: dict[str, ast.AST] = {}
        self.imported: dict[str, tuple[str, str]] = {}  # name here: file or folder, and the name there ("" for a module)
        self.top: list[ast.AST] = []  # statements that run on import
        module = tree(path)
        for node in ast.walk(module):
            if isinstance(node, ast.ImportFrom):
                self._take(root, path, node)
        for node in module.body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                self.defined[node.name] = node
                self.top += node.decorator_list
            elif isinstance(node, ast.Assign | ast.AnnAssign):
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                names = [target.id for target in targets if isinstance(target, ast.Name)]
                self.defined.update(dict.fromkeys([name for name in names if name != "__all__"], node))
                if not names:
                    self.top.append(node)
            elif not isinstance(node, ast.Import | ast.ImportFrom):
                self.top.append(node)

    def _take(self, root: Path, path: Path, node: ast.ImportFrom) -> None:
        if node.level:
            place = path.parents[node.level - 1]
        elif (node.module or "").partition(".")[0] in ("grotto", "addon", "operators"):
            place = root / "backend" if (node.module or "").startswith("grotto") else root
        else:
            return
        place = place.joinpath(*(node.module or "").split(".")) if node.module else place
        door = place / "__init__.py" if place.is_dir() else place.with_suffix(".py")
        for alias in node.names:
            inner = place / alias.name
            module = next((file for file in (inner.with_suffix(".py"), inner / "__init__.py") if file.is_file()), None)
            offered = door.is_file() and alias.name in bound_names(door)  # a door's name hides a file of that name
            file, name = (module, "") if module is not None and not offered else (door, alias.name)
            if file.is_file():
                self.imported[alias.asname or alias.name] = (file.relative_to(root).as_posix(), name)


@lru_cache
def bound_names(file: Path) -> frozenset[str]:
    """The names that a module imports or defines at its top."""
    bound: set[str] = set()
    for node in tree(file).body:
        if isinstance(node, ast.ImportFrom) and node.module:  # `from . import file` binds the file itself
            bound |= {alias.asname or alias.name for alias in node.names}
        elif isinstance(node, ast.ClassDef | ast.FunctionDef):
            bound.add(node.name)
    return frozenset(bound)


def read_modules(root: Path) -> dict[str, Module]:
    files = [*root.glob("__init__.py"), *(path for top in TOPS for path in (root / top).rglob("*.py"))]
    return {module.file: module for module in (Module(root, path) for path in files)}


def names_in(node: ast.AST) -> Iterator[tuple[str, str]]:
    """The plain names in a piece of code, each with the attribute that is read of it, or ""."""
    for inner in ast.walk(node):
        if isinstance(inner, ast.Attribute) and isinstance(inner.value, ast.Name):
            yield inner.value.id, inner.attr
        elif isinstance(inner, ast.Name):
            yield inner.id, ""


def dead_names(root: Path, exceptions: Iterable[str] = ()) -> list[str]:
    """ "file: name" of each definition that neither a start nor an exception reaches."""
    modules = read_modules(root)
    seen: set[Name] = set()
    loaded: set[str] = set()
    open_names: list[Name] = []

    def use(module: Module, node: ast.AST) -> None:
        for name, attribute in names_in(node):
            reach(module.file, name)
            file, inner = module.imported.get(name, ("", ""))
            if file and not inner and attribute:  # a module's attribute
                reach(file, attribute)

    def load(file: str) -> None:
        if file not in loaded and file in modules:
            loaded.add(file)
            for node in modules[file].top:
                use(modules[file], node)

    def reach(file: str, name: str) -> None:
        if (file, name) not in seen and file in modules:
            seen.add((file, name))
            open_names.append((file, name))

    for start, names in STARTS.items():
        for file, module in modules.items():
            if file == start or file.startswith(f"{start}/"):
                load(file)
                for name in set(names) & {*module.defined, *module.imported}:
                    reach(file, name)
    for exception in exceptions:
        reach(*exception.split(": "))
    while open_names:
        file, name = open_names.pop()
        module = modules[file]
        if name in module.defined:
            load(file)
            use(module, module.defined[name])
        elif name in module.imported:
            there, inner = module.imported[name]
            load(there)
            if inner:
                reach(there, inner)
    return sorted(
        f"{file}: {name}"
        for file, module in modules.items()
        for name in module.defined
        if (file, name) not in seen and not (name.startswith("__") and name.endswith("__"))
    )


def test_everything_is_reached() -> None:
    assert dead_names(ROOT, EXCEPTIONS) == []


def test_exceptions_exist() -> None:
    defined = {file: Module(ROOT, ROOT / file).defined for file in {name.split(": ")[0] for name in EXCEPTIONS}}
    assert [name for name in EXCEPTIONS if name.split(": ")[1] not in defined[name.split(": ")[0]]] == []


PLANTED = {
    "backend/grotto/cli.py": "from .room import used\n\ndef main():\n    from .room.late import later\n"
    "    return used() + later()\n",
    "backend/grotto/room/__init__.py": "from .first import dead, used\nfrom .segment import segment\n",
    "backend/grotto/room/first.py": "from . import tables\nfrom .segment import segment\nLIMIT = 3\nSPARE = 4\n\ndef used():\n"
    "    return segment(LIMIT, tables.ROWS)\n\ndef dead():\n    return _only_of_the_dead()\n\ndef _only_of_the_dead():\n"
    "    return dead()\n",
    "backend/grotto/room/segment.py": "class Unused:\n    pass\n\ndef segment(limit, rows):\n    return limit\n",
    "backend/grotto/room/tables.py": "ROWS = [1]\nCOLUMNS = [2]\n",
    "backend/grotto/room/late.py": "def later():\n    return 'forgotten'\n\ndef forgotten():\n    return 1\n",
    "addon/__init__.py": "def register():\n    pass\n\ndef unregister():\n    pass\n",
    "operators/__init__.py": "CLASSES = ()\n",
}


def test_planted_dead_code_is_found(tmp_path: Path) -> None:
    for name, text in PLANTED.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    room = "backend/grotto/room"
    assert dead_names(tmp_path) == [
        f"{room}/first.py: SPARE",
        f"{room}/first.py: _only_of_the_dead",
        f"{room}/first.py: dead",
        f"{room}/late.py: forgotten",
        f"{room}/segment.py: Unused",
        f"{room}/tables.py: COLUMNS",
    ]
    assert f"{room}/first.py: dead" not in dead_names(tmp_path, [f"{room}/first.py: dead"])
