"""Table 2 as markdown: means over objects with their 95 % intervals, next to the paper's figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import t

from ..markdown import markdown_table
from ..scenes import CLEAN, CONDITIONS

ADVERSE_HEADS = (":condition", "objects", "Chamfer, own clean result", "paper", "Chamfer, truth", "SSIM", "paper")


@dataclass(frozen=True, kw_only=True)
class AdverseScore:
    """One object in one condition. Chamfer distances in parts of the diagonal of the truth's box."""

    name: str
    kind: str
    amount: float
    chamfer_own: float  # from the own clean result
    chamfer_truth: float
    ssim: float  # against the clean frames
    faces: int


def adverse_table(scores: Sequence[AdverseScore]) -> str:
    """Markdown: a row a condition with Chamfer from own clean result and truth, and SSIM; then the largest falls of SSIM."""
    rows = []
    means: dict[str, float] = {}
    for condition in CONDITIONS:
        own = [score for score in scores if (score.kind, score.amount) == (condition.kind, condition.amount)]
        if not own:
            continue
        means[condition.label] = float(np.mean([score.ssim for score in own]))
        chamfer = "0" if condition == CLEAN else interval([score.chamfer_own for score in own])
        truth, similar = interval([score.chamfer_truth for score in own]), interval([score.ssim for score in own])
        papers = f"{condition.paper_chamfer:.3f}", f"{condition.paper_ssim:.3f}"
        rows.append((condition.label, str(len(own)), chamfer, papers[0], truth, similar, papers[1]))
    table = markdown_table(ADVERSE_HEADS, rows)
    clean = means.get(CLEAN.label)
    if clean is None:
        return table
    falls = [
        f"{kind} {max(clean - value for label, value in means.items() if label.startswith(kind)):.3f}"
        for kind in ("noise", "light", "occlusion")
        if any(label.startswith(kind) for label in means)
    ]
    return f"{table}\nSSIM falls at most by: {', '.join(falls)}.\n"


def interval(values: Sequence[float]) -> str:
    """Write the mean and its 95 % interval by Student's t."""
    mean = float(np.mean(values))
    if len(values) < 2:
        return f"{mean:.4f}"
    half = float(t.ppf(0.975, len(values) - 1) * np.std(values, ddof=1) / np.sqrt(len(values)))
    return f"{mean:.4f} ± {half:.4f}"
