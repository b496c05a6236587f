"""`grotto evaluate`: recipes measured against truth."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, TextIO

from ..contract import Progress, bad_input
from ..contract.options import MakeWallOptions
from ..contract.recipes import WALL_QUALITIES
from ..runner import flags
from .wall import bench_wall

Long = Callable[[str], AbstractContextManager[Progress]]


def evaluate_command(recipe: str, words: list[str], stream: TextIO, long: Long) -> None:
    """Measure a recipe and print the report; `long` shows how far a work of that title is. Raises bad input for others."""
    if recipe == "wall":
        stream.write(_wall(words, long))
    elif recipe == "element":
        stream.write(_element(words, long))
    else:
        raise bad_input(f"there is no evaluation of {recipe}", "choose wall or element")


def _wall(words: list[str], long: Long) -> str:
    standard_set = MakeWallOptions(columns=16, rows=6)

    def bench(out: Path, options: Any = standard_set) -> Any:
        """Make a wall, do the whole job with it, and measure the result against the truth.

        Args:
            out: the folder of wall, job and report
            options: what is painted and how it is photographed
        """
        return out, options

    out, options = flags(bench, words, "evaluate wall", {"out": Path, "options": MakeWallOptions})
    with long("Measuring") as report:
        return bench_wall(out.absolute(), options, WALL_QUALITIES["standard"], report)


def _element(words: list[str], long: Long) -> str:
    from .element import PARTS, evaluate_element

    def bench(out: Path, pictures: str = "", parts: str = ",".join(PARTS), objects: str = "") -> Any:
        """Remake tables 1 and 2 of paper 000 and what they leave out, on made objects and painted figures; hours on a CPU.

        Args:
            out: the folder of scores, meshes, pictures and element.md; a run that was stopped goes on in it
            pictures: folder of painted figures, for the parts figures, reliefs and masks; without it these are left out, and said
            parts: of objects, curve, adverse, input, figures, reliefs, masks, cut
            objects: made objects to take, separated by commas; all without it
        """
        return out, pictures, parts, objects

    kinds = {"out": Path, "pictures": str, "parts": str, "objects": str}
    out, pictures, parts, objects = flags(bench, words, "evaluate element", kinds)
    with long("Measuring") as report:
        chosen = tuple(part.strip() for part in parts.split(","))
        names = tuple(name.strip() for name in objects.split(",")) if objects else ()
        return evaluate_element(out.absolute(), Path(pictures) if pictures else None, chosen, names, report)
