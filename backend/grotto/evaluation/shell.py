"""`grotto evaluate`: recipes measured against truth."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TextIO

from ..contract import Progress, bad_input
from ..contract.options import MakeWallOptions
from ..contract.recipes import WALL_QUALITIES
from ..runner import flags

Long = Callable[[str], AbstractContextManager[Progress]]


def evaluate_command(recipe: str, words: list[str], stream: TextIO, long: Long) -> None:
    """Measure a recipe and write the report to `stream`. Raises bad input for a recipe without an evaluation.

    `long` shows the progress of work with a given title.
    """
    evaluations = {"wall": _wall, "element": _element, "cut": _cut}
    if recipe not in evaluations:
        raise bad_input(f"there is no evaluation of {recipe}", f"choose {', '.join(evaluations)}")
    stream.write(evaluations[recipe](words, long))


def _wall(words: list[str], long: Long) -> str:
    from .wall import STANDARD_SET, bench_wall

    def parameters(out: Path, options: MakeWallOptions = STANDARD_SET) -> tuple[Path, MakeWallOptions]:
        """Make a wall, do the whole job with it, and measure the result against the truth.

        Args:
            out: the folder of wall, job and report
            options: what is painted and how it is photographed
        """
        return out, options

    out, options = flags(parameters, words, "evaluate wall", {"out": Path, "options": MakeWallOptions})
    with long("Measuring") as report:
        return bench_wall(out.absolute(), options, WALL_QUALITIES["standard"], report)


def _element(words: list[str], long: Long) -> str:
    from .element import PARTS_OF_REPORT, evaluate_element

    def parameters(
        out: Path, pictures: str = "", parts: str = ",".join(PARTS_OF_REPORT), objects: str = ""
    ) -> tuple[Path, str, str, str]:
        """Measure the element on made objects and painted figures: tables 1 and 2 of 3DSynBrush and more; hours on a CPU.

        Args:
            out: the folder of scores, meshes, pictures and element.md; a stopped run continues in it
            pictures: folder of painted figures for figures, reliefs, parts, masks and cut; without it the report leaves them out
            parts: of objects, curve, adverse, input, figures, reliefs, parts, masks, cut
            objects: made objects to use, separated by commas; all without it
        """
        return out, pictures, parts, objects

    kinds = {"out": Path, "pictures": str, "parts": str, "objects": str}
    out, pictures, parts, objects = flags(parameters, words, "evaluate element", kinds)
    with long("Measuring") as report:
        chosen = tuple(part.strip() for part in parts.split(","))
        names = tuple(name.strip() for name in objects.split(",")) if objects else ()
        return evaluate_element(out.absolute(), Path(pictures) if pictures else None, chosen, names, report)


def _cut(words: list[str], long: Long) -> str:
    from .cut import BENCH

    def parameters(out: Path, pictures: Path) -> tuple[Path, Path]:
        """Lay painted figures onto made murals, cut each mural, and measure the cut-outs against the truth.

        Args:
            out: the folder of murals, jobs, scores and cut.md; finished jobs are used again
            pictures: folder of painted figures on white
        """
        return out, pictures

    out, pictures = flags(parameters, words, "evaluate cut", {"out": Path, "pictures": Path})
    with long("Measuring"):
        return BENCH.run(pictures, out=out.absolute())
