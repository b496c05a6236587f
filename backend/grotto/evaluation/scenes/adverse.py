"""Disturbances of pictures: noise, wrong exposure and occluders (paper 000, section on robustness and table 2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from ...scene import View

PAPER_PX = 320  # side of the pictures that the paper's squares lie in: tiles of Zero123++
_WHOLE = 255.0  # variances are those of 8-bit values


@dataclass(frozen=True, kw_only=True)
class Adverse:
    """One condition of table 2, with the paper's figures, which are quoted and not rerun."""

    kind: str  # "noise", "light" or "occlusion"
    amount: float  # variance of 8-bit values; factor; side of a black square in px of a picture of 320 px
    paper_chamfer: float
    paper_ssim: float

    @property
    def label(self) -> str:
        """Name in tables and of files."""
        return f"{self.kind} {self.amount:g}"


CLEAN = Adverse(kind="clean", amount=0.0, paper_chamfer=0.0, paper_ssim=0.814)
_TABLE_2 = {
    "noise": {500: (0.007, 0.805), 1000: (0.009, 0.799), 2000: (0.011, 0.803), 3000: (0.013, 0.809)},
    "light": {0.5: (0.035, 0.805), 0.75: (0.020, 0.795), 1.25: (0.021, 0.848), 1.5: (0.022, 0.842)},
    "occlusion": {10: (0.033, 0.805), 20: (0.034, 0.775), 30: (0.035, 0.750), 40: (0.036, 0.725)},
}
CONDITIONS = (
    CLEAN,
    *(
        Adverse(kind=kind, amount=amount, paper_chamfer=chamfer, paper_ssim=likeness)
        for kind, row in _TABLE_2.items()
        for amount, (chamfer, likeness) in row.items()
    ),
)


def spoiled(views: Sequence[View], condition: Adverse, seed: int) -> list[View]:
    """Apply the condition to views, over white; equal seeds give equal views.

    Noise and light change colours and leave masks as they are. A black square lies somewhere over the subject's box in each view,
    and is opaque outside it, too: a mask would take it for a part of the subject.
    """
    rng = np.random.default_rng([seed, 47])
    return [_spoiled(view, condition, rng) for view in views]


def _spoiled(view: View, condition: Adverse, rng: np.random.Generator) -> View:
    if condition.kind == "noise":
        noise = rng.normal(0.0, np.sqrt(condition.amount) / _WHOLE, view.colour.shape)
        return replace(view, colour=np.clip(view.colour + noise, 0, 1).astype(np.float32))
    if condition.kind == "light":
        return replace(view, colour=np.clip(view.colour * condition.amount, 0, 1).astype(np.float32))
    if condition.kind == "occlusion":
        return _occluded(view, condition.amount, rng)
    return view


def _occluded(view: View, side: float, rng: np.random.Generator) -> View:
    height, width = view.colour.shape[:2]
    alpha = np.ones((height, width), np.float32) if view.alpha is None else view.alpha.copy()
    size = max(1, round(side * max(height, width) / PAPER_PX))
    rows, columns = np.flatnonzero((alpha > 0.5).any(1)), np.flatnonzero((alpha > 0.5).any(0))
    top = int(rng.integers(max(0, rows[0] - size // 2), max(rows[0], rows[-1] - size // 2) + 1))
    left = int(rng.integers(max(0, columns[0] - size // 2), max(columns[0], columns[-1] - size // 2) + 1))
    colour = view.colour.copy()
    colour[top : top + size, left : left + size] = 0
    alpha[top : top + size, left : left + size] = 1
    return replace(view, colour=colour, alpha=alpha)
