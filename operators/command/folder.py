"""A folder of pictures in one command: a job each, a GLB each, and a table of what came of them."""

from __future__ import annotations

import time
from argparse import Namespace
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bpy

from ...addon.backend import session
from ...addon.recipes import Recipe
from ...addon.scene.results import chosen_root, meshes_of
from ...backend.grotto.contract import EXIT_CANCELLED, EXIT_DONE, Kind
from .batch import say

GAP = 0.2  # between neighbours in the scene, as a part of the next one's width


@dataclass(frozen=True)
class Row:
    """What came of a picture."""

    name: str
    seconds: float
    code: int
    told: str  # faces and file, or the reason of its failure


def make(recipe: Recipe, source: Path, out: Path | None, quality: str, options: dict[str, Any]) -> bool:
    """One job, made and imported; False where it was cancelled. Raises RuntimeError with the reason of its failure."""
    create = getattr(bpy.ops.grotto, f"create_{recipe.name}")
    folder = str(out.absolute()) if out else ""
    ended = create(source=str(source.absolute()), out=folder, quality=quality.upper(), **options)
    return "FINISHED" in ended


def reason(error: RuntimeError) -> tuple[str, int]:
    """Why an operator failed, and the exit code that says so."""
    problem = session.last_problem()
    if problem is None:
        return str(error).strip(), Kind.BUG.exit_code
    return problem.sentence(), problem.kind.exit_code


def save(path: Path) -> None:
    """Save the scene."""
    path.parent.mkdir(parents=True, exist_ok=True)
    bpy.ops.wm.save_as_mainfile(filepath=str(path), relative_remap=True)


def pictures_in(folder: Path, recipe: Recipe) -> list[Path]:
    """The folder's own pictures by name; what lies deeper or is hidden is left alone."""
    found = [path for path in folder.iterdir() if path.suffix.lower() in recipe.source_suffixes and path.is_file()]
    return sorted(path for path in found if not path.name.startswith("."))


def names_of(pictures: list[Path]) -> list[str]:
    """A name for each picture's job folder and GLB; two that differ by suffix alone keep it."""
    stems = [path.stem for path in pictures]
    return [path.stem if stems.count(path.stem) == 1 else path.name.replace(".", "_") for path in pictures]


def run(recipe: Recipe, given: Namespace, options: dict[str, Any]) -> int:
    """A job each. The exit code: 0 where all went well, else the gravest: a bug, a missing resource, bad input."""
    pictures = pictures_in(given.source, recipe)
    if not pictures:
        say(f"{given.source} holds no picture that can be read here")
        return Kind.BAD_INPUT.exit_code
    if given.glb is not None and given.glb.is_file():
        say(f"{given.glb} is a file: give a folder for the GLBs")
        return Kind.BAD_INPUT.exit_code
    rows: list[Row] = []
    right = 0.0
    for picture, name in zip(pictures, names_of(pictures), strict=True):
        say(f"{picture.name}:")
        row = _one(recipe, given, options, picture, name)
        rows.append(row)
        if row.code == EXIT_CANCELLED:
            break
        if given.blend is None:
            bpy.data.batch_remove(list(bpy.data.objects))
            data: Any = bpy.data
            data.orphans_purge(do_recursive=True)
        elif row.code == EXIT_DONE:
            right = _beside(right)
    _tell(rows, len(pictures))
    if given.blend is not None and any(row.code == EXIT_DONE for row in rows):
        save(given.blend.absolute())
    gravest: tuple[int, ...] = (EXIT_CANCELLED, Kind.BUG.exit_code, Kind.MISSING_RESOURCE.exit_code, Kind.BAD_INPUT.exit_code)
    codes = {row.code for row in rows}
    return ([code for code in gravest if code in codes] or [EXIT_DONE])[0]


def _one(recipe: Recipe, given: Namespace, options: dict[str, Any], picture: Path, name: str) -> Row:
    begun = time.monotonic()
    told = ""
    try:
        made = make(recipe, picture, given.out / name if given.out else None, given.quality, options)
        code = session.exit_code()
        root: Any = chosen_root(bpy.context) if made else None
        if root is not None:
            meshes: list[Any] = [item.data for item in meshes_of(root)]
            told = f"{sum(len(mesh.polygons) for mesh in meshes)} faces"
            if given.glb is not None:
                bpy.ops.grotto.export_glb(filepath=str((given.glb / f"{name}.glb").absolute()))
                told += f", {name}.glb"
        else:
            told = "cancelled"
    except RuntimeError as error:
        told, code = reason(error)
    return Row(picture.name, time.monotonic() - begun, code, told)


def _beside(right: float) -> float:
    """Put the latest result beside the one before; where it ends."""
    root: Any = chosen_root(bpy.context)
    width = max((item.dimensions.x for item in meshes_of(root)), default=0.0)
    root.location.x = right + (0.5 + GAP) * width if right else 0.0
    return float(root.location.x) + 0.5 * width


def _tell(rows: list[Row], count: int) -> None:
    """The table."""
    wide = max(len(row.name) for row in rows)
    for row in rows:
        say(f"{row.name:<{wide}}  {row.seconds:6.1f} s  {'done  ' if row.code == EXIT_DONE else 'failed'}  {row.told}")
    say(f"{sum(row.code == EXIT_DONE for row in rows)} of {count} pictures done")
