"""Tests use the doors, as the source does: what stands behind them may move. Planted violations test the test."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from parsed_sources import tree

ROOT = Path(__file__).resolve().parents[2]
BACKEND = ROOT / "backend"
# Inner modules and private names that tests reach for, each with its reason.
EXCEPTIONS = {
    "grotto.evaluation.core.fields": "the bench itself is run, with few steps",
    "grotto.evaluation.element.figures": "the bench itself is run",
    "grotto.evaluation.element.input": "the bench itself is run",
    "grotto.fields.few_views.fit.LiveVoxelFit": "a fit that diverges or finds no memory takes the real one's place in the recipe",
    "grotto.fitting.loop.INTERVALS": "checkpoints after every step instead of every 20 seconds",
    "grotto.meshes.surface.fusion": "a slab of few voxels",
    "fusion._SLAB_VOXELS": "a slab of few voxels",
    "grotto.models.registry.installation": "random weights stand in for those whose hash is known",
    "grotto.ortho.orthophoto": "tiles smaller than an option can ask for",
    "orthophoto._tile_side": "tiles smaller than an option can ask for",
    "grotto.recipes.element.preview.PREVIEW_PX": "small previews",
    "grotto.recipes.element.preview.INPUT_PX": "small previews",
    "grotto.recipes.element.from_views.generate": "small views",
    "element_views._VIEW_PX": "small views",
}


def behind_doors(module: ast.Module) -> Iterator[str]:
    """The inner modules and private names that a test imports, patches or names."""
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.startswith("grotto.") and not is_door(alias.name))
        elif isinstance(node, ast.ImportFrom) and not node.level and (node.module or "").split(".")[0] == "grotto":
            for alias in node.names:
                name = f"{node.module}.{alias.name}"
                if not (is_door(name) or is_program(name) or is_program(node.module) or is_offered(node.module, alias.name)):
                    yield name
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ("setattr", "delattr"):
            yield from patched(node.args)


def patched(arguments: list[ast.expr]) -> Iterator[str]:
    """What a call of monkeypatch changes of ours, where it lies behind a door or is private."""
    words = [
        argument.value for argument in arguments[:2] if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
    ]
    if not words:
        return
    place, _, name = words[0].rpartition(".")
    if place.startswith("grotto"):
        if not is_offered(place, name):
            yield words[0]
    elif re.match(r"_[a-zA-Z]", words[0]):
        yield f"{ast.unparse(arguments[0])}.{words[0]}"


def is_door(name: str) -> bool:
    return (BACKEND.joinpath(*name.split(".")) / "__init__.py").is_file()


def is_program(name: str) -> bool:
    """Whether a module is started by its name: its door is the command line."""
    file = BACKEND.joinpath(*name.split(".")).with_suffix(".py")
    return file.is_file() and 'if __name__ == "__main__":' in file.read_text(encoding="utf-8")


def is_offered(module: str, name: str) -> bool:
    """Whether a package's `__init__` binds a public name."""
    file = BACKEND.joinpath(*module.split(".")) / "__init__.py"
    return file.is_file() and not re.match(r"_[a-zA-Z]", name) and name in bound_names(tree(file))


def bound_names(module: ast.Module) -> set[str]:
    names: set[str] = set()
    for node in module.body:
        if isinstance(node, ast.ImportFrom):
            names |= {alias.asname or alias.name for alias in node.names}
        elif isinstance(node, ast.ClassDef | ast.FunctionDef):
            names.add(node.name)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names |= {target.id for target in targets if isinstance(target, ast.Name)}
    return names


def reached() -> dict[str, list[str]]:
    """Files of tests by what they reach for behind doors."""
    found: dict[str, list[str]] = {}
    for path in sorted((ROOT / "tests").rglob("*.py")):
        for name in behind_doors(tree(path)):
            found.setdefault(name, []).append(path.relative_to(ROOT).as_posix())
    return found


def test_tests_use_doors() -> None:
    assert {name: files for name, files in reached().items() if name not in EXCEPTIONS} == {}


def test_no_exception_is_left_over() -> None:
    assert set(EXCEPTIONS) - set(reached()) == set()


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("import grotto.runner.stamps.stamp", "grotto.runner.stamps.stamp"),
        ("from grotto.runner.stamps.stamp import stamp_of", "grotto.runner.stamps.stamp.stamp_of"),
        ("from grotto.runner.stamps import stamp", "grotto.runner.stamps.stamp"),
        ("from grotto.runner import _mine", "grotto.runner._mine"),
        ("monkeypatch.setattr('grotto.runner.stamps.stamp.stamp_of', None)", "grotto.runner.stamps.stamp.stamp_of"),
        ("monkeypatch.setattr(stage, '_step', None)", "stage._step"),
    ],
)
def test_a_planted_violation_is_found(line: str, name: str) -> None:
    assert list(behind_doors(ast.parse(line))) == [name]


@pytest.mark.parametrize(
    "line",
    [
        "import grotto.runner",
        "from grotto.meshes import topology",
        "from grotto.meshes.repair import repair",
        "from grotto.cli import main",
        "monkeypatch.setattr('grotto.runner.Run', None)",
        "monkeypatch.setattr(os, '__name__', None)",
        "monkeypatch.setattr(shutil, 'which', None)",
    ],
)
def test_what_doors_offer_is_fair(line: str) -> None:
    assert list(behind_doors(ast.parse(line))) == []
