"""Renderings against pictures of the truth that no fit used."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from ...metrics import psnr, silhouette_iou, ssim
from ...scene import Camera, Rendered, View
from .perceptual import mean_lpips


@dataclass(frozen=True, kw_only=True)
class ViewScores:
    """Means over held-out views, over white."""

    psnr_db: float
    ssim: float
    iou: float  # of silhouettes
    lpips: float | None  # None where its weights are not installed


def heldout_scores(render: Callable[[Camera], Rendered], heldout: Sequence[View]) -> ViewScores:
    """Render each held-out view and compare."""
    found, pairs = [], []
    for view in heldout:
        rendered = render(view.camera)
        picture, truth = np.clip(rendered.over(1.0), 0, 1).astype(np.float32), view.over(1.0)
        alpha = np.ones(truth.shape[:2], np.float32) if view.alpha is None else view.alpha
        found.append((psnr(picture, truth), float(ssim(picture, truth)), silhouette_iou(rendered.opacity, alpha)))
        pairs.append((picture, truth))
    psnr_db, similar, iou = (float(value) for value in np.mean(found, axis=0))
    return ViewScores(psnr_db=psnr_db, ssim=similar, iou=iou, lpips=mean_lpips(pairs))
