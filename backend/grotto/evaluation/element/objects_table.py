"""The table of bodies: means by method."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from ..markdown import Heads, markdown_table
from ..scores import lpips_cell, lpips_note


@dataclass(frozen=True, kw_only=True)
class BodyScore:
    """Scores of one body of one set."""

    name: str
    rig: str
    inconsistent: bool
    method: str
    faces: int
    vertices: int
    input_ssim: float  # at the input picture, 512 px, unlit over white
    input_psnr_db: float
    psnr_db: float  # means over held-out views
    ssim: float
    iou: float  # of silhouettes there
    chamfer: float  # from the true surface, in parts of the diagonal of its box
    normals: float  # agreement with the truth's, 1 at best
    cpu_s: float
    lpips: float | None = None  # on the held-out views; None where its weights are not installed


def objects_table(scores: Sequence[BodyScore]) -> str:
    """Markdown: clean and inconsistent sets, a row a method, then Chamfer by object."""
    parts = []
    for inconsistent, title in ((False, "Clean views"), (True, "Inconsistent views")):
        chosen = [score for score in scores if score.inconsistent == inconsistent]
        if chosen:
            parts.append(f"{title}:\n\n{_means(chosen)}{lpips_note([score.lpips for score in chosen])}")
    return "\n".join(parts)


def object_heads(objects: Sequence[str]) -> Heads:
    """Heads of the table."""
    means = "faces", "vertices", "input SSIM", "input dB", "held-out dB", "SSIM", "LPIPS", "IoU", "Chamfer %", "normals", "CPU s"
    return (":body", "sets", *means, *(f"{name} Ch. %" for name in objects))


def _means(scores: Sequence[BodyScore]) -> str:
    methods, names = list(dict.fromkeys(score.method for score in scores)), list(dict.fromkeys(score.name for score in scores))
    rows = []
    for method in methods:
        own = [score for score in scores if score.method == method]

        def mean(value: Callable[[BodyScore], float], own: Sequence[BodyScore] = own) -> float:
            return float(np.mean([value(score) for score in own]))

        by_name = [100 * float(np.mean([score.chamfer for score in own if score.name == name] or [np.nan])) for name in names]
        rows.append(
            (
                method,
                str(len(own)),
                f"{mean(lambda score: score.faces):.0f}",
                f"{mean(lambda score: score.vertices):.0f}",
                f"{mean(lambda score: score.input_ssim):.3f}",
                f"{mean(lambda score: score.input_psnr_db):.2f}",
                f"{mean(lambda score: score.psnr_db):.2f}",
                f"{mean(lambda score: score.ssim):.3f}",
                lpips_cell([score.lpips for score in own]),
                f"{mean(lambda score: score.iou):.3f}",
                f"{100 * mean(lambda score: score.chamfer):.2f}",
                f"{mean(lambda score: score.normals):.3f}",
                f"{mean(lambda score: score.cpu_s):.0f}",
                *(f"{value:.2f}" for value in by_name),
            )
        )
    return markdown_table(object_heads(names), rows)
