"""Fit splats to pictures with known cameras."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from ..contract import Progress, bad_input
from ..contract.options import SplatOptions
from ..formats import PointCloud, write_splat_ply
from ..scene import Region, View
from .fitting import Fitting
from .gaussians import Kind, to_cloud
from .initial import initial_points, splats_at_points
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
    device = torch.device("cuda" if torch.cuda.is_available() and find_spec("gsplat") is not None else "cpu")
    started = time.monotonic()
    schedule = Schedule(steps=options.splat_steps, degree=options.sh_degree, extent=scene_extent(views))
    share = 1.0 if cloud is not None else _RANDOM_SHARE
    points, colours = initial_points(views, region, cloud, max(100, int(options.splats_most * share)), options.splat_seed)
    kind: Kind = "2d" if options.splat_kind == "2d" else "3d"
    first = splats_at_points(points, colours, kind, options.sh_degree, options.splat_seed)
    fitting = Fitting(views, first.to(device), schedule, options, confidence or {})
    steps = fitting.run(folder, report)
    best = fitting.result()
    write_splat_ply(folder / SPLATS_FILE, to_cloud(best))
    return Splats(
        folder=folder,
        kind=kind,
        count=len(best),
        degree=best.degree,
        steps=steps,
        engine=f"{fitting.engine} on {device.type}",
        region=region,
        losses=fitting.terms,
        gains=fitting.gains(),
        seconds=time.monotonic() - started,
        notes=tuple(fitting.notes),
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
