"""The stage `scores` of a scan: field, splats and mesh against photos, held-out ones among them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ...contract import Progress
from ...fields import RadianceField, fitting_device, load_field, render_field
from ...formats import Artefact, read_glb
from ...render.mesh import render_textured
from ...runner import Stage
from ...scene import Camera, Rendered, write_picture
from ...splats import Splats, load_splats, render_splats, splat_device
from ...views import RenderScore, ViewSet, compare_view, evenly_chosen, mean_of, uncovered_colour
from .asset import ScanAsset
from .fits import FRAMEWORK, gpu_of_views, views_bytes

PREVIEW = "preview.png"
_WHITE = 1.0  # behind objects, as the papers' tables have it
_INPUT_VIEWS = 24  # of the views that were fitted to, evenly chosen


@dataclass(frozen=True, kw_only=True)
class Scores(Artefact):
    """Means over the views, by what was rendered: field, splats, mesh (the textured GLB as it was written)."""

    heldout_views: int
    heldout_psnr_db: dict[str, float]  # empty where no view was held out
    heldout_ssim: dict[str, float]
    input_psnr_db: dict[str, float]
    mesh_cover: float  # mean part of the judged pictures that the mesh covers
    preview: str = PREVIEW


def forecast_scores(views: ViewSet, field: RadianceField | None, splats: Splats | None, asset: ScanAsset) -> int:
    """Bytes: the views, and a texture with its pyramid."""
    texture = asset.texture_px**2 * 3 * 4 * 2
    return FRAMEWORK + views_bytes(views) + texture


def score_scan(
    views: ViewSet, field: RadianceField | None, splats: Splats | None, asset: ScanAsset, folder: Path, report: Progress
) -> Scores:
    """Render field, splats and mesh through the cameras of held-out and fitted views, and compare.

    Objects stand before white. Of a scene the whole picture is compared: where a mesh covers nothing, it shows the mean colour
    of the fitted photos' uncovered parts. The preview shows photo, field, splats and mesh side by side.
    """
    renderers = _renderers(field, splats, asset, report)
    heldout, fitted = views.load(heldout=True), evenly_chosen(views.load(), _INPUT_VIEWS)
    backgrounds = {
        name: _WHITE if views.region.bounded else uncovered_colour(render, fitted, report) for name, render in renderers.items()
    }
    scores: list[dict[str, RenderScore]] = []
    for number, view in enumerate([*heldout, *fitted]):
        report(number / (len(heldout) + len(fitted)), f"view {number + 1} of {len(heldout) + len(fitted)}")
        of_view, pictures = compare_view(renderers, view, backgrounds)
        scores.append(of_view)
        if number == 0:
            write_picture(folder / PREVIEW, np.concatenate([view.over(_WHITE), *pictures], axis=1))
            report.preview(folder / PREVIEW)
    report(1.0, "measured")
    of_heldout, of_fitted = scores[: len(heldout)], scores[len(heldout) :]
    return Scores(
        folder=folder,
        heldout_views=len(heldout),
        heldout_psnr_db=mean_of(of_heldout, lambda score: score.psnr_db),
        heldout_ssim=mean_of(of_heldout, lambda score: score.ssim),
        input_psnr_db=mean_of(of_fitted, lambda score: score.psnr_db),
        mesh_cover=mean_of(scores, lambda score: score.cover)["mesh"],
    )


def _renderers(
    field: RadianceField | None, splats: Splats | None, asset: ScanAsset, report: Progress
) -> dict[str, Callable[[Camera], Rendered]]:
    renderers: dict[str, Callable[[Camera], Rendered]] = {}
    if field is not None:
        opened_field = load_field(field, fitting_device(field, report))
        renderers["field"] = lambda camera: render_field(opened_field, camera)
    if splats is not None:
        gaussians = load_splats(splats, splat_device(splats, report))
        renderers["splats"] = lambda camera: render_splats(gaussians, camera)
    mesh = read_glb(asset.folder / asset.file)
    renderers["mesh"] = lambda camera: render_textured(mesh, camera)
    return renderers


SCORES = Stage("scores", "Measuring", score_scan, version=1, share=8, forecast=forecast_scores, gpu=gpu_of_views)
