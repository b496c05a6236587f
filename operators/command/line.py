"""`blender --command grotto wall PHOTOS ...` (or another recipe): the batch way in one line."""

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
from . import folder
from .folder import make, reason, save


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(Kind.BAD_INPUT.exit_code, f"{self.prog}: {message}\n")


def parser(prog: str) -> argparse.ArgumentParser:
    """The flags: what `grotto run RECIPE` knows, and what only Blender can make."""
    top = _Parser(prog=prog, description="Photos become a Blender scene and a GLB. Exit codes: 0 done, 1 bug, 2 bad input, "
                  "3 missing resource, 130 cancelled.")  # fmt: skip
    recipes = top.add_subparsers(dest="recipe", required=True, parser_class=_Parser)
    for recipe in RECIPES.values():
        words = recipes.add_parser(recipe.name, help=recipe.makes)
        text = recipe.source_text if recipe.takes_folders else f"{recipe.source_text}; or a folder of such, one job each"
        words.add_argument("source", type=Path, metavar="INPUT", help=text)
        words.add_argument("--out", type=Path, default=None, help="job folder; without it the backend makes one")
        glb = "write the textured mesh there" if recipe.takes_folders else "write the mesh there; of a folder's, each into there"
        words.add_argument("--glb", type=Path, default=None, help=glb)
        words.add_argument("--blend", type=Path, default=None, help="save the scene there")
        qualities = ["auto", *recipe.qualities]
        words.add_argument("--quality", choices=qualities, default="auto", help="auto: standard with CUDA, else draft")
        for leaf in leaves(recipe.options):
            _add_option(words, leaf)
    return top


def _add_option(words: argparse.ArgumentParser, leaf: Leaf) -> None:
    flag = "--" + leaf.name.replace("_", "-")
    text = f"{label_of(leaf)}: {leaf.metadata['description']} (default {leaf.default!r})".replace("%", "%%")
    if leaf.kind is bool:
        words.add_argument(flag, action=argparse.BooleanOptionalAction, default=None, help=text)
    else:
        words.add_argument(flag, type=leaf.kind, default=None, choices=leaf.metadata.get("choices"), help=text)


def run(arguments: list[str], prog: str = "blender --command grotto") -> int:
    """Do what the words say and return the exit code."""
    try:
        given = parser(prog).parse_args(arguments)
    except SystemExit as end:
        return int(end.code or EXIT_DONE)
    told = vars(given)
    names = [leaf.name for leaf in leaves(RECIPES[given.recipe].options)]
    options: dict[str, Any] = {name: told[name] for name in names if told[name] is not None}
    _empty_scene()
    recipe = RECIPES[given.recipe]
    if given.source.is_dir() and not recipe.takes_folders:
        return folder.run(recipe, given, options)
    try:
        made = make(recipe, given.source, given.out, given.quality, options)
        if made and given.glb is not None:
            bpy.ops.grotto.export_glb(filepath=str(given.glb.absolute()))
        if made and given.blend is not None:
            save(given.blend.absolute())
    except RuntimeError as error:
        why, code = reason(error)
        sys.stderr.write(f"{why}\n")
        return code
    return session.exit_code()


def _empty_scene() -> None:
    """A command begins with Blender's start-up file: its cube is not ours."""
    if not bpy.data.filepath:
        bpy.data.batch_remove(list(bpy.context.scene.objects))
