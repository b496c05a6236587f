"""The whole evaluation of the recipe `element`: the table of each bench in one document."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from ...contract import Progress, bad_input
from ...synthetic.objects import OBJECTS
from ..bench import Bench
from ..cut import BENCH as CUT
from . import adverse, curve, figures, input, masks, objects, parts, relief

PAPERS_TABLE_1 = """\
Table 1 of 3DSynBrush, at the input view: **the paper's, not rerun**. Its objects (a) and (b) are not public.

| method | faces (a) | vertices (a) | SSIM (a) | PSNR dB (a) | faces (b) | vertices (b) | SSIM (b) | PSNR dB (b) |
|---|---:|---:|---:|---:|---:|---:|---:|---:|
| LN3Diff | 522,350 | 261,379 | .947 | 17.918 | 100,310 | 50,176 | .851 | 15.303 |
| DreamGaussian | 71,536 | 43,180 | .876 | 20.782 | 24,942 | 14,558 | .839 | 14.834 |
| TripoSR | 106,492 | 53,324 | .862 | 15.764 | 42,056 | 21,055 | .868 | 16.906 |
| Magic123 | 50,000 | 25,001 | .782 | 10.547 | 50,000 | 24,900 | .784 | 10.398 |
| 3DSynBrush | 718 | 352 | .957 | 22.229 | 21,875 | 10,928 | .940 | 19.413 |
"""
_TABLE_1 = ("objects", "figures")
_OF_OBJECTS: dict[str, Bench] = {"objects": objects.BENCH, "curve": curve.BENCH, "adverse": adverse.BENCH, "input": input.BENCH}
_OF_PICTURES: dict[str, Bench] = {
    "figures": figures.BENCH,
    "reliefs": relief.BENCH,
    "parts": parts.BENCH,
    "masks": masks.BENCH,
    "cut": CUT,
}
PARTS_OF_REPORT = (*_OF_OBJECTS, *_OF_PICTURES)


def evaluate_element(out: Path, pictures: Path | None, chosen: Sequence[str], names: Sequence[str], report: Progress) -> str:
    """Run the benches of the chosen parts, write element.md, and return it.

    Parts of pictures are left out where `pictures`, a folder of painted figures, is None; the document says so. `names` are the
    made objects to use, all where there is none. Raises bad input for unknown parts and objects.
    """
    unknown = [part for part in chosen if part not in PARTS_OF_REPORT] + [name for name in names if name not in OBJECTS]
    if unknown:
        raise bad_input(f"there is no {unknown[0]}", f"choose of {', '.join(PARTS_OF_REPORT)}, and of {', '.join(OBJECTS)}")
    runs = _runs(out, pictures, tuple(names) or tuple(OBJECTS))
    text = "# The element, measured\n"
    wanted = [part for part in PARTS_OF_REPORT if part in chosen]
    for number, part in enumerate(wanted):
        report(number / len(wanted), part)
        title = {**_OF_OBJECTS, **_OF_PICTURES}[part].title
        run = runs.get(part, _without_pictures)
        text += f"\n## {title}\n\n{run()}"
        text += f"\n{PAPERS_TABLE_1}" if part in _TABLE_1 else ""
    out.mkdir(parents=True, exist_ok=True)
    (out / "element.md").write_text(text, encoding="utf-8")
    return text


def _runs(out: Path, pictures: Path | None, names: tuple[str, ...]) -> dict[str, Callable[[], str]]:
    """The benches that can run, with their folders."""
    runs: dict[str, Callable[[], str]] = {
        "objects": lambda: objects.run(out / "objects", names),
        "curve": lambda: curve.run(out / "objects", out / "curve", names),
        "adverse": lambda: adverse.run(out / "adverse", names),
        "input": lambda: input.run(out / "input", pictures, names),
    }
    if pictures is not None:
        for part, bench in _OF_PICTURES.items():
            runs[part] = partial(bench.run, pictures, out=out / part)
    return runs


def _without_pictures() -> str:
    return "Not measured: no folder of painted figures was given (--pictures).\n"
