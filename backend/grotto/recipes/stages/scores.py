"""The stage `scores` of a scan: field, splats and mesh against photos, held-out ones among them."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ...contract import Progress
from ...fields import RadianceField, fitting_device, load_field, render_field
from ...formats import Artefact, read_glb
from ...render.mesh import render_parts
from ...runner import Stage
from ...scene import Camera, Rendered, write_picture
from ...splats import Splats, load_splats, render_splats, splat_device
from ...views import RenderScore, ViewSet, compare_view, evenly_chosen, mean_of, uncovered_colour
from .asset import ScanAsset
from .backdrop import Backdrop
from .fits import FRAMEWORK, gpu_of_views, views_bytes
from .subject import SubjectViews

PREVIEW = "preview.png"
_WHITE = 1.0  # behind objects, as the papers' tables have it
DOUBTED = 0.9  # of the subject's pixels: a mesh that covers less is doubted aloud
_INPUT_VIEWS = 24  # of the views that were fitted to, evenly chosen


@dataclass(frozen=True, kw_only=True)
class Scores(Artefact):
    """Means over the views, by what was rendered: field, splats, mesh (the textured GLB as it was written)."""

    heldout_views: int
    heldout_psnr_db: dict[str, float]  # empty where no view was held out
    heldout_ssim: dict[str, float]
    input_psnr_db: dict[str, float]
    mesh_cover: float  # mean part of the judged pictures that the mesh covers
    subject_cover: float = -1.0  # of the subject's pixels, by its masks; -1 where the scan tells no subject from its scene
    subject_psnr_db: dict[str, float] = dataclass_field(default_factory=dict)  # on those pixels of the held-out views, or of all
    preview: str = PREVIEW


def forecast_scores(
    views: ViewSet,
    subject: SubjectViews | None,
    field: RadianceField | None,
    splats: Splats | None,
    asset: ScanAsset,
    backdrop: Backdrop | None,
) -> int:
    """Bytes: the views, and a texture with its pyramid."""
    texture = asset.texture_px**2 * 3 * 4 * 2
    return FRAMEWORK + views_bytes(views) + texture


def score_scan(
    views: ViewSet,
    subject: SubjectViews | None,
    field: RadianceField | None,
    splats: Splats | None,
    asset: ScanAsset,
    backdrop: Backdrop | None,
    folder: Path,
    report: Progress,
) -> Scores:
    """Render field, splats and mesh through the cameras of held-out and fitted views, and compare.

    Objects stand before white. Of a scene the whole picture is compared: where a mesh covers nothing, it shows the mean colour
    of the fitted photos' uncovered parts. Of a subject in its scene its own pixels are compared as well, and how many of them the
    mesh covers; less than nine tenths are doubted aloud. A field of the subject
    alone is compared there only. The preview shows photo, field, splats and mesh side by side.
    """
    renderers = _renderers(field, splats, asset, backdrop, report)
    masks = {} if subject is None else _masks(subject)
    heldout, fitted = views.load(heldout=True), evenly_chosen(views.load(), _INPUT_VIEWS)
    backgrounds = {
        name: _WHITE if views.region.bounded else uncovered_colour(render, fitted, report) for name, render in renderers.items()
    }
    scores: list[dict[str, RenderScore]] = []
    for number, view in enumerate([*heldout, *fitted]):
        report(number / (len(heldout) + len(fitted)), f"view {number + 1} of {len(heldout) + len(fitted)}")
        of_view, pictures = compare_view(renderers, view, backgrounds, masks.get(view.name))
        scores.append(of_view)
        if number == 0:
            write_picture(folder / PREVIEW, np.concatenate([view.over(_WHITE), *pictures], axis=1))
            report.preview(folder / PREVIEW)
    report(1.0, "measured")
    of_heldout, of_fitted = scores[: len(heldout)], scores[len(heldout) :]
    cover = mean_of(scores, lambda score: score.subject_cover)["mesh"] if masks else math.nan
    if cover < DOUBTED:
        report.note(
            f"the mesh covers only {100 * cover:.0f} % of the subject's pixels, so it is not to be trusted: give the subject's"
            " box (--subject-box), or take more photos of what is missing"
        )
    return Scores(
        folder=folder,
        heldout_views=len(heldout),
        heldout_psnr_db=_of_whole(mean_of(of_heldout, lambda score: score.psnr_db), views, field),
        heldout_ssim=_of_whole(mean_of(of_heldout, lambda score: score.ssim), views, field),
        input_psnr_db=_of_whole(mean_of(of_fitted, lambda score: score.psnr_db), views, field),
        mesh_cover=mean_of(scores, lambda score: score.cover)["mesh"],
        subject_cover=-1.0 if math.isnan(cover) else cover,
        subject_psnr_db=mean_of(of_heldout or of_fitted, lambda score: score.subject_psnr_db) if masks else {},
    )


def _of_whole(scores: dict[str, float], views: ViewSet, field: RadianceField | None) -> dict[str, float]:
    """Scores of whole pictures: without the field's where it was fitted to the subject alone."""
    partial = field is not None and field.region.bounded and not views.region.bounded
    return {name: score for name, score in scores.items() if not (partial and name == "field")}


def _masks(subject: SubjectViews) -> dict[str, NDArray[np.float32]]:
    """(h, w) which pixels are the subject's, by the view's name, of held-out views and of the others."""
    views = [*subject.load(), *subject.load(heldout=True)]
    return {view.name: view.alpha for view in views if view.alpha is not None}


def _renderers(
    field: RadianceField | None, splats: Splats | None, asset: ScanAsset, backdrop: Backdrop | None, report: Progress
) -> dict[str, Callable[[Camera], Rendered]]:
    renderers: dict[str, Callable[[Camera], Rendered]] = {}
    if field is not None:
        opened_field = load_field(field, fitting_device(field, report))
        renderers["field"] = lambda camera: render_field(opened_field, camera)
    if splats is not None:
        gaussians = load_splats(splats, splat_device(splats, report))
        renderers["splats"] = lambda camera: render_splats(gaussians, camera)
    meshes = [read_glb(asset.folder / asset.file)]
    if backdrop is not None and backdrop.file:
        meshes.append(read_glb(backdrop.folder / backdrop.file))
    renderers["mesh"] = lambda camera: render_parts(meshes, camera)
    return renderers


SCORES = Stage("scores", "Measuring", score_scan, version=2, share=8, forecast=forecast_scores, gpu=gpu_of_views)
