"""The six-view tables: a row a method, means, and the leads of ZeroRF."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from ..markdown import Heads, markdown_table
from ..scores import lpips_cell, lpips_note

MESH_HEADS = (":sets", "field", "mesh, painted", "refined, painted", "parts", "CPU s")


@dataclass(frozen=True, kw_only=True)
class SixViewScore:
    """Scores of one fit on held-out views of the true object over white; means over the views."""

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
    lpips: float | None = None  # None where its weights are not installed
    engine: str = ""  # what computed, and whether the sizes are published ones
    mesh_plain_db: float | None = None  # textured mesh without refinement
    mesh_refined_db: float | None = None
    mesh_islands: int | None = None
    mesh_cpu_s: float | None = None

    @property
    def key(self) -> tuple[str, str, int, bool]:
        """The set of views."""
        return self.name, self.rig, self.seed, self.inconsistent


def margin_db(scores: Sequence[SixViewScore], method: str, other: str, inconsistent: bool) -> tuple[float, int]:
    """Return the mean lead of one method over another in dB, over the sets that both were fitted to, and the number of these.

    NaN and 0 where there is none.
    """
    first = {score.key: score.psnr_db for score in scores if score.method == method and score.inconsistent == inconsistent}
    second = {score.key: score.psnr_db for score in scores if score.method == other}
    both = [first[key] - second[key] for key in first if key in second]
    return (float(np.mean(both)), len(both)) if both else (float("nan"), 0)


def six_view_table(scores: Sequence[SixViewScore]) -> str:
    """Markdown: means of clean and inconsistent sets, by object, ZeroRF's leads, and meshes next to their fields."""
    parts = []
    for inconsistent, title in ((False, "Clean views"), (True, "Inconsistent views")):
        chosen = [score for score in scores if score.inconsistent == inconsistent]
        if chosen:
            missing = lpips_note([score.lpips for score in chosen])
            parts.append(f"{title}:\n\n{_methods(chosen)}{missing}\n{_leads(scores, inconsistent)}")
    meshes = [score for score in scores if score.mesh_refined_db is not None]
    if meshes:
        parts.append(f"ZeroRF's meshes, held-out dB:\n\n{_meshes(meshes)}")
    return "\n".join(parts)


def method_heads(objects: Sequence[str]) -> Heads:
    """Heads of the table of methods."""
    return (":method", "sets", "PSNR dB", "SSIM", "IoU", "LPIPS", "CPU s", *(f"{name} dB" for name in objects))


def _methods(scores: Sequence[SixViewScore]) -> str:
    names, methods = _in_order(score.name for score in scores), _in_order(score.method for score in scores)
    rows = []
    for method in methods:
        own = [score for score in scores if score.method == method]
        each = [_mean([score for score in own if score.name == name], lambda score: score.psnr_db) for name in names]
        rows.append(
            (
                method,
                str(len(own)),
                f"{_mean(own, lambda score: score.psnr_db):.2f}",
                f"{_mean(own, lambda score: score.ssim):.3f}",
                f"{_mean(own, lambda score: score.iou):.3f}",
                lpips_cell([score.lpips for score in own]),
                f"{_mean(own, lambda score: score.cpu_s):.0f}",
                *("" if np.isnan(value) else f"{value:.2f}" for value in each),
            )
        )
    return markdown_table(method_heads(names), rows)


def _leads(scores: Sequence[SixViewScore], inconsistent: bool) -> str:
    leads = []
    for other in _in_order(score.method for score in scores if score.method != "zerorf"):
        lead, sets = margin_db(scores, "zerorf", other, inconsistent)
        if sets:
            leads.append(f"{lead:+.2f} dB over {other} ({sets} sets)")
    return f"ZeroRF, set by set: {', '.join(leads)}.\n" if leads else ""


def _meshes(scores: Sequence[SixViewScore]) -> str:
    rows = []
    for inconsistent, title in ((False, "clean"), (True, "inconsistent")):
        sets = [score for score in scores if score.inconsistent == inconsistent]
        for name in _in_order(score.name for score in sets):
            rows.append(_mesh_row(f"{title}, {name}", [score for score in sets if score.name == name]))
        if sets:
            rows.append(_mesh_row(f"{title}, all {len(sets)}", sets))
    return markdown_table(MESH_HEADS, rows)


def _mesh_row(title: str, own: Sequence[SixViewScore]) -> tuple[str, ...]:
    return (
        title,
        f"{_mean(own, lambda score: score.psnr_db):.2f}",
        f"{_mean(own, lambda score: score.mesh_plain_db or np.nan):.2f}",
        f"{_mean(own, lambda score: score.mesh_refined_db or np.nan):.2f}",
        ", ".join(sorted({str(score.mesh_islands) for score in own})),
        f"{_mean(own, lambda score: score.mesh_cpu_s or np.nan):.0f}",
    )


def _mean(scores: Sequence[SixViewScore], of: Callable[[SixViewScore], float]) -> float:
    return float(np.mean([of(score) for score in scores])) if scores else float("nan")


def _in_order(words: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(words))
