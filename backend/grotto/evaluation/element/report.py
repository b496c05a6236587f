"""The whole evaluation of the recipe `element`: each part's own bench, and their tables in one document."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from ...contract import Progress, bad_input
from ...synthetic.objects import OBJECTS
from ..cut import bench as bench_cut
from . import adverse as element_adverse
from . import curve as element_curve
from . import figures as element_figures
from . import input as element_input
from . import masks as element_masks
from . import objects as element_objects
from . import relief as element_relief

PAPERS_TABLE_1 = """\
Table 1 of paper 000, at the input view: **the paper's, not rerun**. Its objects (a) and (b) are not public.

| method | faces (a) | vertices (a) | SSIM (a) | PSNR dB (a) | faces (b) | vertices (b) | SSIM (b) | PSNR dB (b) |
|---|---:|---:|---:|---:|---:|---:|---:|---:|
| LN3Diff | 522,350 | 261,379 | .947 | 17.918 | 100,310 | 50,176 | .851 | 15.303 |
| DreamGaussian | 71,536 | 43,180 | .876 | 20.782 | 24,942 | 14,558 | .839 | 14.834 |
| TripoSR | 106,492 | 53,324 | .862 | 15.764 | 42,056 | 21,055 | .868 | 16.906 |
| Magic123 | 50,000 | 25,001 | .782 | 10.547 | 50,000 | 24,900 | .784 | 10.398 |
| 3DSynBrush | 718 | 352 | .957 | 22.229 | 21,875 | 10,928 | .940 | 19.413 |
"""
_OF_PICTURES = ("figures", "reliefs", "masks", "cut")
_TABLE_1 = ("objects", "figures")
PARTS = ("objects", "curve", "adverse", "input", *_OF_PICTURES)


def evaluate_element(out: Path, pictures: Path | None, parts: Sequence[str], names: Sequence[str], report: Progress) -> str:
    """Do the chosen parts, write element.md, and return it. Raises bad input for parts and objects that are not there."""
    unknown = [part for part in parts if part not in PARTS] + [name for name in names if name not in OBJECTS]
    if unknown:
        raise bad_input(f"there is no {unknown[0]}", f"choose of {', '.join(PARTS)}, and of {', '.join(OBJECTS)}")
    objects = tuple(names) or tuple(OBJECTS)
    benches: dict[str, tuple[str, Callable[[], str]]] = {
        "objects": ("Bodies of made objects", lambda: element_objects.bench(out / "objects", objects)),
        "curve": ("Likeness against vertices", lambda: element_curve.bench(out / "objects", out / "curve", objects)),
        "adverse": ("Adverse conditions", lambda: element_adverse.bench(out / "adverse", objects)),
        "input": ("Adverse conditions in the input picture", lambda: element_input.bench(out / "input", pictures, objects)),
    }
    if pictures is not None:
        folder = pictures
        benches["figures"] = ("Painted figures", lambda: element_figures.bench(folder, out=out / "figures"))
        benches["reliefs"] = ("Reliefs of painted figures", lambda: element_relief.bench(folder, out=out / "reliefs"))
        benches["masks"] = ("Masks", lambda: element_masks.bench(out=out / "masks", elements=folder))
        benches["cut"] = ("Elements of murals", lambda: bench_cut(out=out / "cut", elements=folder))
    text = "# The element, measured\n"
    chosen = [part for part in PARTS if part in parts]
    for number, part in enumerate(chosen):
        report(number / len(chosen), part)
        if part not in benches:
            text += f"\n## {part}\n\nNot measured: no folder of painted figures was given (--pictures).\n"
            continue
        title, bench = benches[part]
        text += f"\n## {title}\n\n{bench()}"
        text += f"\n{PAPERS_TABLE_1}" if part in _TABLE_1 else ""
    out.mkdir(parents=True, exist_ok=True)
    (out / "element.md").write_text(text, encoding="utf-8")
    return text
