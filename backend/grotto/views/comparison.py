"""Renders of several representations compared with a photo, each through the photo's camera."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..contract import Progress
from ..metrics import psnr, ssim
from ..scene import Camera, Rendered, View

Array32 = NDArray[np.float32]
Render = Callable[[Camera], Rendered]

_SMALLEST_SSIM_PX = 11  # side of the window of SSIM
_SAMPLES = 6  # views by which the colour of uncovered places is estimated


@dataclass(frozen=True)
class RenderScore:
    """One render against one photo."""

    psnr_db: float
    ssim: float  # nan for pictures smaller than its window
    cover: float  # mean opacity
    subject_psnr_db: float = float("nan")  # of the subject's pixels alone; nan where nothing says which they are
    subject_cover: float = float("nan")  # mean opacity there


def compare_view(
    renderers: Mapping[str, Render],
    view: View,
    backgrounds: Mapping[str, float | Array32],
    mask: Array32 | None = None,
) -> tuple[dict[str, RenderScore], list[Array32]]:
    """Scores by name of the renderer, and the renders (h, w, 3) over their backgrounds.

    Photos stand over white. backgrounds: a grey or a colour (3,) for each renderer. mask (h, w): which pixels are the
    subject's, 0 to 1.
    """
    photo = view.over(1.0)
    shown = mask is not None and float(mask.sum()) >= 1.0
    scores, pictures = {}, []
    for name, render in renderers.items():
        rendered = render(view.camera)
        picture = np.clip(rendered.over(backgrounds[name]), 0, 1)
        similarity = float(ssim(picture, photo)) if min(photo.shape[:2]) >= _SMALLEST_SSIM_PX else float("nan")
        own = psnr(picture, photo, mask) if shown else float("nan")
        covered = float(np.average(rendered.opacity, weights=mask)) if shown else float("nan")
        scores[name] = RenderScore(psnr(picture, photo), similarity, float(rendered.opacity.mean()), own, covered)
        pictures.append(picture)
    return scores, pictures


def evenly_chosen(views: Sequence[View], most: int) -> list[View]:
    """At most `most` of the views, at even distances."""
    return [views[index] for index in np.unique(np.linspace(0, len(views) - 1, min(most, len(views))).round().astype(int))]


def uncovered_colour(render: Render, views: Sequence[View], report: Progress) -> Array32:
    """(3,) mean colour of the photos' pixels that a renderer does not cover, by a few of the views."""
    total, weight = np.zeros(3), 0.0
    for view in evenly_chosen(views, _SAMPLES):
        report.check()
        clear = 1 - render(view.camera).opacity
        total += (view.colour * clear[..., None]).reshape(-1, 3).sum(0)
        weight += float(clear.sum())
    return (total / max(weight, 1e-6)).astype(np.float32)


def mean_of(scores: Sequence[Mapping[str, RenderScore]], measure: Callable[[RenderScore], float]) -> dict[str, float]:
    """Mean of a measure over all views that have it, by renderer; nan where none has."""
    names = list(scores[0]) if scores else []
    values = {name: [measure(score[name]) for score in scores] for name in names}
    known = {name: [value for value in of_name if not np.isnan(value)] for name, of_name in values.items()}
    return {name: float(np.mean(of_name)) if of_name else float("nan") for name, of_name in known.items()}
