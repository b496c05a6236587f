"""Fit a field to pictures with known cameras."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ..contract import Progress, bad_input
from ..contract.options import FieldOptions
from ..fitting import choose_device
from ..scene import Region, View
from .artefact import Fitted, RadianceField, save_weights
from .few_views import fit_plain as fit_few_views_plain
from .kinds import FEW_VIEWS, KINDS


def fit_field(views: Sequence[View], region: Region, options: FieldOptions, folder: Path, report: Progress) -> RadianceField:
    """Fit a field of the chosen kind; weights and previews are written into `folder`.

    Raises bad-input problems for fewer than two views, cameras that are not finite and unknown kinds; missing-resource where
    memory does not suffice.
    """
    if len(views) < 2:
        raise bad_input("a field needs at least two pictures from different places", "add pictures")
    for view in views:
        if not np.isfinite(view.camera.camera_from_world).all():
            raise bad_input(f"the camera of {view.name} is not finite", "correct its transform, or leave the picture out")
    device = choose_device(report)
    kind, reason = choose_kind(options, len(views), device.type == "cuda", region.bounded)
    if kind not in KINDS:
        raise bad_input(f"there is no field of the kind {kind}", f"choose auto, {', '.join(KINDS)}")
    started = time.monotonic()
    fitted = KINDS[kind].fit(views, region, options, device, folder, report)
    return _saved(fitted, kind, reason, region, folder, time.monotonic() - started)


def fit_plain(views: Sequence[View], region: Region, options: FieldOptions, folder: Path, report: Progress) -> RadianceField:
    """Fit voxels or VM (`options.field`) without our additions: a baseline with our hull and lattice.

    Raises bad-input problems for other kinds.
    """
    if options.field not in ("voxel", "vm"):
        raise bad_input(f"there is no plain {options.field} to compare with", "choose voxel or vm")
    started = time.monotonic()
    fitted = fit_few_views_plain(views, region, options, choose_device(report), folder, report)
    return _saved(fitted, options.field, "plain", region, folder, time.monotonic() - started)


def choose_kind(options: FieldOptions, views: int, cuda: bool, bounded: bool = True) -> tuple[str, str]:
    """The kind of field for this many views, and the reason in words; `bounded` where they show one object.

    Only kinds whose surface was found sound are chosen: the hash grid's is rough or absent (docs/benchmarks/core.md).
    """
    if options.field != "auto":
        return options.field, "asked for"
    if views <= FEW_VIEWS:
        return "zerorf", f"auto: {views} pictures are few"
    if cuda and bounded:
        return "neus", f"auto: {views} pictures of an object, CUDA"
    return "voxel", f"auto: {views} pictures of a scene, by the processors" if cuda else f"auto: {views} pictures, no CUDA"


def _saved(fitted: Fitted, kind: str, reason: str, region: Region, folder: Path, seconds: float) -> RadianceField:
    artefact = RadianceField(
        folder=folder,
        kind=kind,
        chosen=reason,
        steps=fitted.steps,
        engine=fitted.engine,
        device=fitted.field.device.type,
        region=region,
        settings=fitted.field.settings(),
        seconds=seconds,
        notes=fitted.notes,
    )
    save_weights(artefact, fitted.field)
    return artefact
