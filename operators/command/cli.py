"""`blender --command grotto wall PHOTOS ...` (or another recipe): create, import, export and save in one command."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any, NoReturn

import bpy

from ...addon.backend import session
from ...addon.recipes import RECIPES
from ...addon.scene.options import label_of
from ...backend.grotto.contract import EXIT_DONE, Kind, Leaf, leaves
from . import many_pictures
from .one_input import create, failure, save

DESCRIPTION = (
    "Turn photos into a Blender scene and a GLB. Exit codes: 0 done, 1 bug, 2 bad input, 3 missing resource, 130 cancelled."
)


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(Kind.BAD_INPUT.exit_code, f"{self.prog}: {message}\n")


def parser(prog: str) -> argparse.ArgumentParser:
    """Build the parser: the flags of `grotto run RECIPE`, and those that need Blender."""
    top = _Parser(prog=prog, description=DESCRIPTION)
    recipes = top.add_subparsers(dest="recipe", required=True, parser_class=_Parser)
    for recipe in RECIPES.values():
        command = recipes.add_parser(recipe.name, help=recipe.makes)
        text = recipe.source_text if recipe.takes_folders else f"{recipe.source_text}; or a folder of pictures, one job each"
        command.add_argument("source", type=Path, metavar="INPUT", help=text)
        command.add_argument("--out", type=Path, default=None, help="job folder; without it the backend makes one")
        glb = "write the textured mesh to this file" + ("" if recipe.takes_folders else "; for a folder of pictures, a folder")
        command.add_argument("--glb", type=Path, default=None, help=glb)
        command.add_argument("--blend", type=Path, default=None, help="save the scene to this file")
        qualities = ["auto", *recipe.qualities]
        command.add_argument("--quality", choices=qualities, default="auto", help="auto: standard with CUDA, else draft")
        for leaf in leaves(recipe.options):
            _add_option(command, leaf)
    return top


def _add_option(command: argparse.ArgumentParser, leaf: Leaf) -> None:
    flag = "--" + leaf.name.replace("_", "-")
    text = f"{label_of(leaf)}: {leaf.metadata['description']} (default {leaf.default!r})".replace("%", "%%")
    if leaf.kind is bool:
        command.add_argument(flag, action=argparse.BooleanOptionalAction, default=None, help=text)
    else:
        command.add_argument(flag, type=leaf.kind, default=None, choices=leaf.metadata.get("choices"), help=text)


def run(words: list[str], prog: str = "blender --command grotto") -> int:
    """Run a command and return its exit code."""
    try:
        arguments = parser(prog).parse_args(words)
    except SystemExit as end:
        return int(end.code or EXIT_DONE)
    recipe = RECIPES[arguments.recipe]
    values = {leaf.name: getattr(arguments, leaf.name) for leaf in leaves(recipe.options)}
    options: dict[str, Any] = {name: value for name, value in values.items() if value is not None}
    _empty_scene()
    if arguments.source.is_dir() and not recipe.takes_folders:
        return many_pictures.run(recipe, arguments, options)
    try:
        created = create(recipe, arguments.source, arguments.out, arguments.quality, options)
        if created and arguments.glb is not None:
            bpy.ops.grotto.export_glb(filepath=str(arguments.glb.absolute()))
        if created and arguments.blend is not None:
            save(arguments.blend.absolute())
    except RuntimeError as error:
        reason, code = failure(error)
        sys.stderr.write(f"{reason}\n")
        return code
    return session.exit_code()


def _empty_scene() -> None:
    """Remove the objects of Blender's start-up file."""
    if not bpy.data.filepath:
        bpy.data.batch_remove(list(bpy.context.scene.objects))
