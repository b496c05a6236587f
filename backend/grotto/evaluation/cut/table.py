"""The bench of `cut` as a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..markdown import Heads, markdown_table

MURAL_HEADS = (":mural", "px", "elements", "found", "mean IoU", "least and most", "proposals", "s", "peak GB")

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
    way: str  # method that separated figures from ground
    seconds: float  # wall time of the stages
    peak_mb: float


def element_heads(styles: Sequence[str]) -> Heads:
    """Heads of the table of elements."""
    return (":element", *styles)


def cut_table(scores: Sequence[MuralScore]) -> str:
    """Markdown: a row a mural, a row a style, and the best overlap of each element by style; large murals count for no style."""
    murals = []
    for score in scores:
        values = list(score.best.values())
        size, spent = f"{score.width} x {score.height}", (f"{score.seconds:.0f}", f"{score.peak_mb / 1024:.1f}")
        murals.append((f"{score.style} {score.seed}", size, *_overlaps(values), str(score.proposals), *spent))
    usual = min(score.width for score in scores)
    styles = list(dict.fromkeys(score.style for score in scores))
    own = {style: [score for score in scores if score.style == style and score.width == usual] for style in styles}
    for style in (style for style in styles if own[style]):
        values = [value for score in own[style] for value in score.best.values()]
        murals.append((f"all {style}", "", *_overlaps(values), str(sum(score.proposals for score in own[style])), "", ""))
    names = sorted({name for score in scores for name in score.best})
    elements = [
        (name, *(next((f"{score.best[name]:.2f}" for score in own[style] if name in score.best), "") for style in styles))
        for name in names
    ]
    return markdown_table(MURAL_HEADS, murals) + "\n" + markdown_table(element_heads(styles), elements)


def _overlaps(values: Sequence[float]) -> tuple[str, str, str, str]:
    return str(len(values)), str(_found(values)), f"{np.mean(values):.2f}", f"{min(values):.2f} to {max(values):.2f}"


def _found(values: Sequence[float]) -> int:
    return sum(value >= FOUND for value in values)
