"""The stage `scores` of a scan: what was made, beside photos that it never saw."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ...contract import Progress
from ...fields import RadianceField, fitting_device, load_field, render_field
from ...formats import Artefact, read_glb
from ...metrics import psnr, ssim
from ...render.mesh import render_textured
from ...runner import Stage
from ...scene import Camera, Rendered, View, write_picture
from ...splats import Splats, load_splats, render_splats, splat_device
from ...views import ViewSet
from .asset import ScanAsset
from .fits import FRAMEWORK, views_bytes

PREVIEW = "preview.png"
_WHITE = 1.0  # behind objects, as the papers' tables have it
_SMALLEST_SSIM_PX = 11
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
    """Render what was made through the cameras of the views, held-out and fitted ones, and compare.

    Objects stand before white. Of a scene the whole picture is compared: where a mesh covers nothing, it shows the mean colour
    of the fitted photos' uncovered parts. The preview shows photo, field, splats and mesh side by side.
    """
    renderers = _renderers(field, splats, asset, report)
    heldout, fitted = views.load(heldout=True), _spread(views.load(), _INPUT_VIEWS)
    behind = {name: _WHITE if views.region.bounded else _uncovered(render, fitted, report) for name, render in renderers.items()}
    judged = [*((True, view) for view in heldout), *((False, view) for view in fitted)]
    made: dict[tuple[bool, str], list[tuple[float, float]]] = {}
    cover = []
    shown: list[NDArray[np.float32]] = []
    for number, (is_heldout, view) in enumerate(judged):
        pictures = []
        for name, render in renderers.items():
            report(number / len(judged), f"view {number + 1} of {len(judged)}")
            rendered = render(view.camera)
            picture, photo = np.clip(rendered.over(behind[name]), 0, 1), view.over(_WHITE)
            similar = float(ssim(picture, photo)) if min(photo.shape[:2]) >= _SMALLEST_SSIM_PX else float("nan")
            made.setdefault((is_heldout, name), []).append((psnr(picture, photo), similar))
            pictures.append(picture)
            if name == "mesh":
                cover.append(float(rendered.opacity.mean()))
        if not shown:
            shown = [view.over(_WHITE), *pictures]
            write_picture(folder / PREVIEW, np.concatenate(shown, axis=1))
            report.preview(folder / PREVIEW)
    report(1.0, "measured")
    return Scores(
        folder=folder,
        heldout_views=len(heldout),
        heldout_psnr_db=_means(made, True, 0),
        heldout_ssim=_means(made, True, 1),
        input_psnr_db=_means(made, False, 0),
        mesh_cover=float(np.mean(cover)),
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


def _spread(views: Sequence[View], most: int) -> list[View]:
    return [views[i] for i in np.unique(np.linspace(0, len(views) - 1, min(most, len(views))).round().astype(int))]


def _uncovered(render: Callable[[Camera], Rendered], views: Sequence[View], report: Progress) -> NDArray[np.float32]:
    """(3,) mean colour of what photos show where nothing was rendered."""
    total, weight = np.zeros(3), 0.0
    for view in _spread(views, 6):
        report.check()
        clear = 1 - render(view.camera).opacity
        total += (view.colour * clear[..., None]).reshape(-1, 3).sum(0)
        weight += float(clear.sum())
    return (total / max(weight, 1e-6)).astype(np.float32)


def _means(made: dict[tuple[bool, str], list[tuple[float, float]]], heldout: bool, which: int) -> dict[str, float]:
    chosen = {name: found for (is_heldout, name), found in made.items() if is_heldout == heldout}
    return {name: float(np.mean([values[which] for values in found])) for name, found in chosen.items()}


SCORES = Stage("scores", "Measuring", score_scan, Scores, 1, 8, forecast_scores)
