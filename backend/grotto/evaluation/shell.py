"""`grotto evaluate`: recipes measured against truth."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TextIO

from ..contract import Progress, bad_input
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
    from .benches import all_benches
    from .wall import evaluate_wall

    def parameters(out: Path, parts: str = "", at_most: int = 0) -> tuple[Path, str, int]:
        """Remake Tables 1, 2 and 4 to 8 of the murals' paper on made walls, in one page; days on a CPU.

        Args:
            out: the folder of sets, scores and wall.md; a stopped run continues in it
            parts: of matcher, rail-100, rail, edges, rail-200, crops, archive, lenses; all without it
            at_most: in each part, measure no more than this many sets that are not finished yet; 0: all, below 0: only the page
        """
        return out, parts, at_most

    kinds = {"out": Path, "parts": str, "at_most": int}
    out, parts, at_most = flags(parameters, words, "evaluate wall", kinds)
    chosen = tuple(part.strip() for part in parts.split(",") if part.strip())
    with long("Measuring") as report:
        return evaluate_wall(out.absolute(), chosen, at_most, all_benches(), report)


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
