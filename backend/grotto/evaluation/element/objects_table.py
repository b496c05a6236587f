"""The table of bodies: means by method, and whether our default is the first in each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, kw_only=True)
class BodyScore:
    """One body of one set, judged."""

    name: str
    rig: str
    inconsistent: bool
    method: str
    faces: int
    vertices: int
    input_ssim: float  # at the input picture, 512 px, unlit over white
    input_psnr_db: float
    psnr_db: float  # means over views that nothing saw
    ssim: float
    iou: float  # of silhouettes there
    chamfer: float  # from the true surface, in parts of the diagonal of its box
    normals: float  # agreement with the truth's, 1 at best
    cpu_s: float


def objects_table(scores: Sequence[BodyScore]) -> str:
    """Markdown: clean and inconsistent sets, a row a method, then Chamfer by object."""
    parts = []
    for inconsistent, title in ((False, "Clean views"), (True, "Inconsistent views")):
        chosen = [score for score in scores if score.inconsistent == inconsistent]
        if chosen:
            parts.append(f"{title}:\n\n{_means(chosen)}")
    return "\n".join(parts)


def _means(scores: Sequence[BodyScore]) -> str:
    methods, names = list(dict.fromkeys(score.method for score in scores)), list(dict.fromkeys(score.name for score in scores))
    lines = [
        "| body | sets | faces | vertices | input SSIM | input dB | held-out dB | SSIM | IoU | Chamfer % | normals | CPU s | "
        + " | ".join(f"{name} Ch. %" for name in names) + " |",
        "|---|" + "---:|" * (11 + len(names)),
    ]  # fmt: skip
    for method in methods:
        own = [score for score in scores if score.method == method]

        def mean(value: Callable[[BodyScore], float], own: Sequence[BodyScore] = own) -> float:
            return float(np.mean([value(score) for score in own]))

        by_name = [100 * float(np.mean([score.chamfer for score in own if score.name == name] or [np.nan])) for name in names]
        lines.append(
            f"| {method} | {len(own)} | {mean(lambda score: score.faces):.0f} | {mean(lambda score: score.vertices):.0f} "
            f"| {mean(lambda score: score.input_ssim):.3f} | {mean(lambda score: score.input_psnr_db):.2f} "
            f"| {mean(lambda score: score.psnr_db):.2f} | {mean(lambda score: score.ssim):.3f} "
            f"| {mean(lambda score: score.iou):.3f} | {100 * mean(lambda score: score.chamfer):.2f} "
            f"| {mean(lambda score: score.normals):.3f} | {mean(lambda score: score.cpu_s):.0f} | "
            + " | ".join(f"{value:.2f}" for value in by_name) + " |"
        )  # fmt: skip
    return "\n".join(lines) + "\n"
