"""Table 2 as markdown: means over objects with their 95 % intervals, the paper's figures beside them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import t

from ..scenes import CLEAN, CONDITIONS


@dataclass(frozen=True, kw_only=True)
class AdverseScore:
    """One object in one condition. Chamfer distances in parts of the diagonal of the truth's box."""

    name: str
    kind: str
    amount: float
    chamfer_own: float  # from the own clean result
    chamfer_truth: float
    ssim: float  # beside the clean frames
    faces: int


def adverse_table(scores: Sequence[AdverseScore]) -> str:
    """A row a condition: Chamfer from the own clean result and from the truth, SSIM, the paper's; then how far SSIM falls."""
    lines = [
        "| condition | objects | Chamfer, own clean result | paper | Chamfer, truth | SSIM | paper |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    means: dict[str, float] = {}
    for condition in CONDITIONS:
        own = [score for score in scores if (score.kind, score.amount) == (condition.kind, condition.amount)]
        if not own:
            continue
        means[condition.label] = float(np.mean([score.ssim for score in own]))
        chamfer = "0" if condition == CLEAN else interval([score.chamfer_own for score in own])
        lines.append(
            f"| {condition.label} | {len(own)} | {chamfer} | {condition.paper_chamfer:.3f} "
            f"| {interval([score.chamfer_truth for score in own])} | {interval([score.ssim for score in own])} "
            f"| {condition.paper_ssim:.3f} |"
        )
    clean = means.get(CLEAN.label)
    if clean is None:
        return "\n".join(lines) + "\n"
    falls = [
        f"{kind} {max(clean - value for label, value in means.items() if label.startswith(kind)):.3f}"
        for kind in ("noise", "light", "occlusion")
        if any(label.startswith(kind) for label in means)
    ]
    return "\n".join(lines) + f"\n\nSSIM falls at most by: {', '.join(falls)}.\n"


def interval(values: Sequence[float]) -> str:
    """Mean, and the 95 % interval of the mean by Student's t."""
    mean = float(np.mean(values))
    if len(values) < 2:
        return f"{mean:.4f}"
    half = float(t.ppf(0.975, len(values) - 1) * np.std(values, ddof=1) / np.sqrt(len(values)))
    return f"{mean:.4f} ± {half:.4f}"
