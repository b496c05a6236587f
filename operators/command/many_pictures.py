"""Make a folder of pictures in one command: a job and a GLB for each, and a table of the results."""

from __future__ import annotations

import time
from argparse import Namespace
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bpy

from ...addon.backend import session
from ...addon.recipes import RecipeEntry
from ...addon.scene.results import chosen_root, meshes_of
from ...backend.grotto.contract import EXIT_CANCELLED, EXIT_DONE, Kind
from ..running.blocking import write_line
from .one_input import create, failure, save

GAP = 0.2  # between neighbours in the scene, as a fraction of the next one's width


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    name: str
    seconds: float
    code: int
    text: str  # faces and file, or the reason for the failure


def pictures_in(folder: Path, recipe: RecipeEntry) -> list[Path]:
    """Return the folder's pictures by name, without sub-folders and hidden files."""
    found = [path for path in folder.iterdir() if path.suffix.lower() in recipe.source_suffixes and path.is_file()]
    return sorted(path for path in found if not path.name.startswith("."))


def names_of(pictures: list[Path]) -> list[str]:
    """Return a name for each picture's job folder and GLB. Pictures with equal stems keep their suffix."""
    stems = [path.stem for path in pictures]
    return [path.stem if stems.count(path.stem) == 1 else path.name.replace(".", "_") for path in pictures]


def run(recipe: RecipeEntry, arguments: Namespace, options: dict[str, Any]) -> int:
    """Run one job for each picture. Return 0 if all succeed, else the gravest exit code."""
    pictures = pictures_in(arguments.source, recipe)
    if not pictures:
        write_line(f"{arguments.source} holds no picture in a known format")
        return Kind.BAD_INPUT.exit_code
    if arguments.glb is not None and arguments.glb.is_file():
        write_line(f"{arguments.glb} is a file: give a folder for the GLBs")
        return Kind.BAD_INPUT.exit_code
    rows: list[Row] = []
    row_end_m = 0.0
    for picture, name in zip(pictures, names_of(pictures), strict=True):
        write_line(f"{picture.name}:")
        row = _run_one(recipe, arguments, options, picture, name)
        rows.append(row)
        if row.code == EXIT_CANCELLED:
            break
        if arguments.blend is None:
            bpy.data.batch_remove(list(bpy.data.objects))
            data: Any = bpy.data
            data.orphans_purge(do_recursive=True)
        elif row.code == EXIT_DONE:
            row_end_m = _place_in_row(row_end_m)
    _write_table(rows, len(pictures))
    if arguments.blend is not None and any(row.code == EXIT_DONE for row in rows):
        save(arguments.blend.absolute())
    by_gravity: tuple[int, ...] = (
        EXIT_CANCELLED,
        Kind.BUG.exit_code,
        Kind.MISSING_RESOURCE.exit_code,
        Kind.BAD_INPUT.exit_code,
    )
    codes = {row.code for row in rows}
    return ([code for code in by_gravity if code in codes] or [EXIT_DONE])[0]


def _run_one(recipe: RecipeEntry, arguments: Namespace, options: dict[str, Any], picture: Path, name: str) -> Row:
    begun = time.monotonic()
    text = ""
    try:
        created = create(recipe, picture, arguments.out / name if arguments.out else None, arguments.quality, options)
        code = session.exit_code()
        root: Any = chosen_root(bpy.context) if created else None
        if root is not None:
            meshes: list[Any] = [item.data for item in meshes_of(root)]
            text = f"{sum(len(mesh.polygons) for mesh in meshes)} faces"
            if arguments.glb is not None:
                bpy.ops.grotto.export_glb(filepath=str((arguments.glb / f"{name}.glb").absolute()))
                text += f", {name}.glb"
        else:
            text = "cancelled"
    except RuntimeError as error:
        text, code = failure(error)
    return Row(picture.name, time.monotonic() - begun, code, text)


def _place_in_row(row_end_m: float) -> float:
    """Place the latest result at the end of the row; return the new end."""
    root: Any = chosen_root(bpy.context)
    width = max((item.dimensions.x for item in meshes_of(root)), default=0.0)
    root.location.x = row_end_m + (0.5 + GAP) * width if row_end_m else 0.0
    return float(root.location.x) + 0.5 * width


def _write_table(rows: list[Row], count: int) -> None:
    width = max(len(row.name) for row in rows)
    for row in rows:
        write_line(f"{row.name:<{width}}  {row.seconds:6.1f} s  {'done  ' if row.code == EXIT_DONE else 'failed'}  {row.text}")
    write_line(f"{sum(row.code == EXIT_DONE for row in rows)} of {count} pictures done")
