"""Disturbed input pictures as markdown: made objects, then painted figures; means with their 95 % intervals."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..markdown import markdown_table
from ..scenes import CLEAN, CONDITIONS
from .adverse_table import interval

INPUT_HEADS = (
    ":condition",
    "pictures",
    "Chamfer, own clean result",
    "Chamfer, truth",
    "SSIM",
    "mask IoU",
    "least",
    ":cut out by",
)


@dataclass(frozen=True, kw_only=True)
class InputScore:
    """One picture in one condition; Chamfer distances in parts of the box's diagonal. Of a refused picture there is no score."""

    name: str
    kind: str
    amount: float
    painted: bool  # a painted figure, of which there is no true shape
    way: str  # how the element was cut out, or "refused"
    chamfer_own: float | None = None  # from the body of the clean picture
    chamfer_truth: float | None = None
    ssim: float | None = None  # at the input view, against the clean cut-out
    iou: float | None = None  # of the mask with the clean one


def input_table(scores: Sequence[InputScore]) -> str:
    """Markdown: a row a condition for made objects, then for painted figures."""
    text = ""
    for painted, title in ((False, "Made objects"), (True, "Painted figures")):
        own = [score for score in scores if score.painted == painted]
        if own:
            text += f"{title}:\n\n" + _rows(own) + "\n"
    return text


def _rows(scores: Sequence[InputScore]) -> str:
    rows = []
    for condition in CONDITIONS:
        own = [score for score in scores if (score.kind, score.amount) == (condition.kind, condition.amount)]
        if not own:
            continue
        ways = ", ".join(f"{way} {count}" for way, count in Counter(score.way for score in own).most_common())
        overlap = [score.iou for score in own if score.iou is not None]
        chamfer = "0" if condition == CLEAN else _mean([score.chamfer_own for score in own])
        scored = "", "", "", "", ""
        if overlap:
            truth, similar = _mean([score.chamfer_truth for score in own]), _mean([score.ssim for score in own])
            scored = chamfer, truth, similar, f"{np.mean(overlap):.3f}", f"{min(overlap):.3f}"
        rows.append((condition.label, str(len(own)), *scored, ways))
    return markdown_table(INPUT_HEADS, rows)


def _mean(values: Sequence[float | None]) -> str:
    known = [value for value in values if value is not None]
    return interval(known) if known else ""
