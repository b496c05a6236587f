"""The six-view table: rows of objects and methods, means, and the margins that the bars speak of."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, kw_only=True)
class SixViewScore:
    """One fit, judged on held-out views of the true object over white; means over the views."""

    name: str
    rig: str
    seed: int
    inconsistent: bool
    method: str
    psnr_db: float
    ssim: float
    iou: float  # of silhouettes
    cpu_s: float  # of the fit
    steps: int
    resolution: int
    mesh_plain_db: float | None = None  # textured mesh without refinement
    mesh_refined_db: float | None = None
    mesh_islands: int | None = None
    mesh_cpu_s: float | None = None

    @property
    def key(self) -> tuple[str, str, int, bool]:
        """What was fitted to."""
        return self.name, self.rig, self.seed, self.inconsistent


def margin_db(scores: Sequence[SixViewScore], method: str, other: str, inconsistent: bool) -> tuple[float, int]:
    """Mean lead of one method over another in dB, over the sets that both were fitted to, and how many these are.

    NaN and 0 where there is none.
    """
    first = {score.key: score.psnr_db for score in scores if score.method == method and score.inconsistent == inconsistent}
    second = {score.key: score.psnr_db for score in scores if score.method == other}
    both = [first[key] - second[key] for key in first if key in second]
    return (float(np.mean(both)), len(both)) if both else (float("nan"), 0)


def six_view_table(scores: Sequence[SixViewScore]) -> str:
    """Markdown: means of clean and inconsistent sets, objects apart, ZeroRF's leads, and meshes beside their fields."""
    parts = []
    for inconsistent, title in ((False, "Clean views"), (True, "Inconsistent views")):
        chosen = [score for score in scores if score.inconsistent == inconsistent]
        if chosen:
            parts.append(f"{title}:\n\n{_methods(chosen)}\n{_leads(scores, inconsistent)}")
    meshes = [score for score in scores if score.mesh_refined_db is not None]
    if meshes:
        parts.append(f"ZeroRF's meshes, held-out dB:\n\n{_meshes(meshes)}")
    return "\n".join(parts)


def _methods(scores: Sequence[SixViewScore]) -> str:
    names, methods = _in_order(score.name for score in scores), _in_order(score.method for score in scores)
    lines = [
        f"| method | sets | PSNR dB | SSIM | IoU | CPU s | {' | '.join(f'{name} dB' for name in names)} |",
        "|---|---:|---:|---:|---:|---:|" + "---:|" * len(names),
    ]
    for method in methods:
        own = [score for score in scores if score.method == method]
        each = [_mean([score for score in own if score.name == name], lambda score: score.psnr_db) for name in names]
        cells = " | ".join("" if np.isnan(value) else f"{value:.2f}" for value in each)
        lines.append(
            f"| {method} | {len(own)} | {_mean(own, lambda score: score.psnr_db):.2f} "
            f"| {_mean(own, lambda score: score.ssim):.3f} "
            f"| {_mean(own, lambda score: score.iou):.3f} | {_mean(own, lambda score: score.cpu_s):.0f} | {cells} |"
        )
    return "\n".join(lines) + "\n"


def _leads(scores: Sequence[SixViewScore], inconsistent: bool) -> str:
    told = []
    for other in _in_order(score.method for score in scores if score.method != "zerorf"):
        lead, sets = margin_db(scores, "zerorf", other, inconsistent)
        if sets:
            told.append(f"{lead:+.2f} dB over {other} ({sets} sets)")
    return f"ZeroRF, set by set: {', '.join(told)}.\n" if told else ""


def _meshes(scores: Sequence[SixViewScore]) -> str:
    lines = ["| sets | field | mesh, painted | refined, painted | parts | CPU s |", "|---|---:|---:|---:|---:|---:|"]
    for inconsistent, title in ((False, "clean"), (True, "inconsistent")):
        for name in _in_order(score.name for score in scores):
            own = [score for score in scores if score.name == name and score.inconsistent == inconsistent]
            if own:
                lines.append(_mesh_row(f"{title}, {name}", own))
        own = [score for score in scores if score.inconsistent == inconsistent]
        if own:
            lines.append(_mesh_row(f"{title}, all {len(own)}", own))
    return "\n".join(lines) + "\n"


def _mesh_row(title: str, own: Sequence[SixViewScore]) -> str:
    return (
        f"| {title} | {_mean(own, lambda score: score.psnr_db):.2f} "
        f"| {_mean(own, lambda score: score.mesh_plain_db or np.nan):.2f} "
        f"| {_mean(own, lambda score: score.mesh_refined_db or np.nan):.2f} "
        f"| {', '.join(sorted({str(score.mesh_islands) for score in own}))} "
        f"| {_mean(own, lambda score: score.mesh_cpu_s or np.nan):.0f} |"
    )


def _mean(scores: Sequence[SixViewScore], of: Callable[[SixViewScore], float]) -> float:
    return float(np.mean([of(score) for score in scores])) if scores else float("nan")


def _in_order(words: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(words))
