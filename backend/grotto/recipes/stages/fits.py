"""The stages `field` and `splats` of a scan: a fit of the whole view set, and what it will take."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ...contract import Progress
from ...contract.options import FieldOptions, SplatOptions
from ...fields import RadianceField, choose_kind, fit_field
from ...formats import read_splat_ply, write_shift, write_spz
from ...runner import Stage
from ...scene import Camera
from ...splats import Splats, fit_splats
from ...views import FEW_VIEWS, ViewSet
from ..weights import GPU_CONTEXT

FRAMEWORK = 700_000_000  # bytes of torch, numba and their kernels
_CELL_BYTES = 13 * 4 * 4  # of a field's lattice: values, gradient, and Adam's two moments
_USUAL_CELLS = 224  # along the longest side
SPZ_FILE = "splats.spz"
_SPLAT_FLOATS = 14 + 3 * 16  # numbers of a splat of third degree


def views_bytes(views: ViewSet) -> int:
    """Bytes of the pictures of a view set as fits hold them: colour and alpha in float32, and one reduced copy."""
    return sum(_pixels(camera.fitted(views.view_px)) for camera in views.read_cameras()) * 4 * 4 * 2


def _pixels(camera: Camera) -> int:
    return camera.width * camera.height


def forecast_field(views: ViewSet, options: FieldOptions) -> int:
    """Bytes: the pictures, and the lattice at its finest with a third of it in use."""
    size = views.region.size / views.region.size.max()
    cells = float(np.prod(size)) * (options.field_resolution or _USUAL_CELLS) ** 3
    return FRAMEWORK + views_bytes(views) + int(cells / 3 * _CELL_BYTES)


def gpu_of_field(views: ViewSet, options: FieldOptions) -> int:
    """Bytes on a GPU: the pictures, and a lattice; nothing for the voxels of many pictures, which the processors fit."""
    kind, _ = choose_kind(options, views.count, True, views.region.bounded)
    if kind == "voxel" and views.count > FEW_VIEWS:
        return 0
    return GPU_CONTEXT + forecast_field(views, options) - FRAMEWORK


def fit_scan_field(views: ViewSet, options: FieldOptions, folder: Path, report: Progress) -> RadianceField:
    """Fit a field to the views that are not held out."""
    return fit_field(views.load(), views.region, options, folder, report)


def forecast_splats(views: ViewSet, options: SplatOptions) -> int:
    """Bytes: the pictures; per splat its numbers, gradient, Adam's moments, two copies of its state, and tile entries."""
    return FRAMEWORK + views_bytes(views) + options.splats_most * _SPLAT_FLOATS * 4 * 10


def gpu_of_splats(views: ViewSet, options: SplatOptions) -> int:
    """Bytes on a GPU: the pictures and the splats, as in memory."""
    return GPU_CONTEXT + forecast_splats(views, options) - FRAMEWORK


def gpu_of_views(views: ViewSet, *_: object) -> int:
    """Bytes on a GPU of what draws a mesh, a field or splats into the views: the pictures."""
    return GPU_CONTEXT + views_bytes(views)


def fit_scan_splats(views: ViewSet, options: SplatOptions, folder: Path, report: Progress) -> Splats:
    """Fit splats to the views that are not held out, from the sparse points where there are any; write PLY and SPZ."""
    splats = fit_splats(views.load(), views.region, views.read_cloud(), options, folder, report)
    write_spz(folder / SPZ_FILE, read_splat_ply(folder / splats.file))
    write_shift(folder, views.world_shift)
    return splats


def spz_of(splats: Splats) -> Path | None:
    """The splats as SPZ; None in a job of a release that wrote none."""
    path = splats.folder / SPZ_FILE
    return path if path.is_file() else None


FIELD = Stage("field", "Fitting the field", fit_scan_field, version=2, share=60, forecast=forecast_field, gpu=gpu_of_field)
SPLATS = Stage(
    "splats", "Fitting splats", fit_scan_splats, version=1, share=60, forecast=forecast_splats, gpu=gpu_of_splats,
    gpu_package="gsplat",
)  # fmt: skip
