"""Fit splats to pictures with known cameras."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..contract import Progress, bad_input
from ..contract.options import SplatOptions
from ..fitting import FitPlan, FitPreview, choose_device, run_fit
from ..formats import PointCloud, write_splat_ply
from ..scene import Region, View
from .gaussians import Kind, to_cloud
from .initial import initial_points, splats_at_points
from .splat_fit import DIVERGENCE, SplatFit
from .store import SPLATS_FILE, Splats
from .strategies import Schedule, scene_extent

_RANDOM_SHARE = 0.5  # of the most splats: how many a fit without points begins with


def fit_splats(
    views: Sequence[View],
    region: Region,
    cloud: PointCloud | None,
    options: SplatOptions,
    folder: Path,
    report: Progress,
    confidence: Mapping[str, NDArray[np.float32]] | None = None,
) -> Splats:
    """Fit splats and write them into `folder` as splats.ply, with previews while it lasts.

    Begins on the points of `cloud`, else inside of the masks or anywhere in the region. `confidence` gives, by a view's name,
    how far each pixel (height, width) is to be believed, 0 to 1. Goes on from a checkpoint in `report.resume_folder`.

    Raises bad-input problems for fewer than two views and for cameras that are not finite; missing-resource where memory
    does not suffice.
    """
    _refuse(views)
    device = choose_device(report, package="gsplat")
    started = time.monotonic()
    schedule = Schedule(steps=options.splat_steps, degree=options.sh_degree, extent=scene_extent(views))
    share = 1.0 if cloud is not None else _RANDOM_SHARE
    points, colours = initial_points(views, region, cloud, max(100, int(options.splats_most * share)), options.splat_seed)
    kind: Kind = "2d" if options.splat_kind == "2d" else "3d"
    first = splats_at_points(points, colours, kind, options.sh_degree, options.splat_seed)
    fit = SplatFit(views, first.to(device), schedule, options, confidence or {})
    preview = FitPreview(fit.preview, folder, report)
    plan = FitPlan(
        steps=options.splat_steps,
        remedy="choose fewer splats or smaller pictures",
        option="splats_most",
        divergence=DIVERGENCE,
        checkpoint_folder=report.resume_folder,
        identity=f"{options} {[view.name for view in views]}",
    )
    outcome = run_fit(fit, plan, report, preview)
    preview.show()
    fitted = fit.gaussians()
    report(1.0, f"{len(fitted)} splats")
    write_splat_ply(folder / SPLATS_FILE, to_cloud(fitted))
    return Splats(
        folder=folder,
        kind=kind,
        count=len(fitted),
        degree=fitted.degree,
        steps=outcome.steps,
        engine=f"{fit.engine} on {device.type}",
        device=device.type,
        region=region,
        losses=fit.terms,
        gains=fit.gains(),
        seconds=time.monotonic() - started,
        notes=outcome.notes,
    )


def _refuse(views: Sequence[View]) -> None:
    if len(views) < 2:
        raise bad_input("splats need at least two pictures from different places", "add pictures")
    for view in views:
        if not np.isfinite(view.camera.camera_from_world).all():
            raise bad_input(f"the camera of {view.name} is not finite", "correct its transform, or leave the picture out")
    places = np.array([view.camera.position for view in views])
    if np.linalg.norm(places - places.mean(0), axis=1).max() < 1e-9:
        raise bad_input("all pictures were taken from one place", "add pictures from other places")
