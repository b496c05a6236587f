"""Table 2's noise, light and squares in the input picture itself.

The relief route starts from one picture, so what disturbs it disturbs the cut-out, the outline and the paint: made objects from
their side, and painted figures, each over its own plain ground. Scores are kept.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...contract import ProblemError, bad_input
from ...formats import Mesh
from ...metrics import compare_surfaces, ssim
from ...scene import View
from ...synthetic.objects import OBJECTS, make_object
from ..bench import Bench
from ..scenes import CLEAN, CONDITIONS, Adverse, spoiled
from .adverse import RIG
from .bodies import Body, element_job, placed, scored
from .figures import figure_view, figures_in, over_white
from .input_table import INPUT_HEADS, InputScore, input_table
from .jobs import asset, job_mask
from .objects import single_picture

FACES = 5000
QUICK: Mapping[str, Any] = {
    "faces": FACES,
    "lods": 0,
    "occlusion": False,
    "normals_px": 0,
    "sides_px": 512,
    "collider": False,
}


def run(out: Path, pictures: Path | None = None, objects: tuple[str, ...] = tuple(OBJECTS), seed: int = 0) -> str:
    """Make and score what has no score yet, write input.md of all scores, and return the table.

    Args:
        out: the folder of scores, jobs and table
        pictures: folder of painted figures; without it only made objects are taken
        objects: which made objects
        seed: of objects and of disturbances
    """
    out.mkdir(parents=True, exist_ok=True)
    subjects: dict[str, tuple[View, Mesh | None]] = {}
    for name in objects:
        subjects[name] = over_white(single_picture(name, RIG, seed)), make_object(name, seed).mesh
    for path in figures_in(pictures) if pictures else ():
        subjects[path.stem] = figure_view(path), None
    scores = []
    for name, (view, truth) in subjects.items():
        for condition in CONDITIONS:
            kept = out / f"{name}-{condition.label.replace(' ', '-')}.json"
            if not kept.is_file():
                found = _judged(name, view, truth, condition, seed, out)
                kept.write_text(json.dumps(asdict(found), indent=1) + "\n", encoding="utf-8")
            scores.append(InputScore(**json.loads(kept.read_text(encoding="utf-8"))))
    text = input_table(scores)
    (out / "input.md").write_text(text, encoding="utf-8")
    return text


def _judged(name: str, view: View, truth: Mesh | None, condition: Adverse, seed: int, out: Path) -> InputScore:
    """Compare one picture in one condition with what its clean picture became."""
    clean, mask, _ = _made(view, out / "jobs" / f"{name}-clean")
    spoilt = replace(spoiled([replace(view, alpha=mask)], condition, seed)[0], alpha=None)
    try:
        body, found, way = _made(spoilt, out / "jobs" / f"{name}-{condition.label.replace(' ', '-')}")
    except ProblemError:
        return InputScore(name=name, kind=condition.kind, amount=condition.amount, painted=truth is None, way="refused")
    diagonal = float(np.linalg.norm(np.ptp((truth or clean.mesh()).vertices.astype(np.float64), axis=0)))
    shown = view.colour * mask[..., None] + 1 - mask[..., None]
    inside, wanted = found >= 0.5, mask >= 0.5
    return InputScore(
        name=name,
        kind=condition.kind,
        amount=condition.amount,
        painted=truth is None,
        way=way,
        chamfer_own=0.0 if condition == CLEAN else compare_surfaces(body.mesh(), clean.mesh()).chamfer / diagonal,
        chamfer_truth=None if truth is None else compare_surfaces(body.mesh(), truth).chamfer / diagonal,
        ssim=float(ssim(scored(body.render, view), shown.astype(np.float32))),
        iou=float((inside & wanted).sum() / (inside | wanted).sum()),
    )


def _made(view: View, out: Path) -> tuple[Body, NDArray[np.float32], str]:
    """Make the recipe's body of a picture; returns it, its mask and the mask's method. Raises bad input for refused pictures."""
    result_path = out / "job" / "result.json"
    if result_path.is_file():
        result = json.loads(result_path.read_text(encoding="utf-8"))
        glb = asset(result, out / "job", "mesh")
    else:
        result, glb = element_job(view, QUICK, out)
    alpha = job_mask(result, out / "job")
    if alpha.shape != view.colour.shape[:2]:
        raise bad_input(f"the mask of {out.name} has another size than its picture", "empty the folder and measure again")
    return placed(result, glb, view), alpha, str(result["facts"]["cut_out_by"])


BENCH = Bench(name="element.input", title="Adverse conditions in the input picture", run=run, tables=(INPUT_HEADS,))
