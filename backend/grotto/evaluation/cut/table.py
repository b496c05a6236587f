"""The bench of `cut` as a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

FOUND = 0.5  # intersection over union from which an element counts as found


@dataclass(frozen=True, kw_only=True)
class MuralScore:
    """One mural: the best intersection over union of each element that was laid on it, proposals, time and memory."""

    style: str
    seed: int
    width: int  # px
    height: int
    best: dict[str, float]
    proposals: int
    way: str  # how the ground was known
    seconds: float  # wall time of the stages
    peak_mb: float


def table(scores: Sequence[MuralScore]) -> str:
    """Markdown: a row a mural, a row a style, and the best overlap of each element by style."""
    lines = [
        "| mural | px | elements | found | mean IoU | least and most | proposals | s | peak GB |",
        "|---|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for score in scores:
        values = list(score.best.values())
        lines.append(
            f"| {score.style} {score.seed} | {score.width} x {score.height} | {len(values)} | {_found(values)} "
            f"| {np.mean(values):.2f} | {min(values):.2f} to {max(values):.2f} | {score.proposals} | {score.seconds:.0f} "
            f"| {score.peak_mb / 1024:.1f} |"
        )
    usual = min(score.width for score in scores)
    styles = list(dict.fromkeys(score.style for score in scores))
    own = {style: [score for score in scores if score.style == style and score.width == usual] for style in styles}
    for style in (style for style in styles if own[style]):
        values = [value for score in own[style] for value in score.best.values()]
        lines.append(
            f"| **{style}** | | {len(values)} | {_found(values)} | **{np.mean(values):.2f}** | {min(values):.2f} to "
            f"{max(values):.2f} | {sum(score.proposals for score in own[style])} | | |"
        )
    names = sorted({name for score in scores for name in score.best})
    lines += ["", "| element | " + " | ".join(styles) + " |", "|---|" + "---:|" * len(styles)]
    for name in names:
        cells = [next((f"{score.best[name]:.2f}" for score in own[style] if name in score.best), "") for style in styles]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def _found(values: Sequence[float]) -> int:
    return sum(value >= FOUND for value in values)
