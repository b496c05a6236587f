"""Fit a field to pictures: which kind, and by whom."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch

from ..contract import Progress, bad_input
from ..contract.options import FieldOptions
from ..scene import Region, View
from .store import Fitted, RadianceField, save_weights

FEW_VIEWS = 12  # up to here ZeroRF's prior is worth its cost

Fit = Callable[[Sequence[View], Region, FieldOptions, Path, Progress], Fitted]


def fit_field(views: Sequence[View], region: Region, options: FieldOptions, folder: Path, report: Progress) -> RadianceField:
    """Fit a field of the wanted kind to pictures with known cameras; weights and previews are written into `folder`.

    Raises bad-input problems for fewer than two views and for cameras that are not finite; missing-resource where memory
    does not suffice.
    """
    if len(views) < 2:
        raise bad_input("a field needs at least two pictures from different places", "add pictures")
    for view in views:
        if not np.isfinite(view.camera.camera_from_world).all():
            raise bad_input(f"the camera of {view.name} is not finite", "correct its transform, or leave the picture out")
    kind, chosen = choose_kind(options, len(views), torch.cuda.is_available())
    return _fitted(_fit_of(kind, len(views)), (kind, chosen), views, region, options, folder, report)


def fit_published(views: Sequence[View], region: Region, options: FieldOptions, folder: Path, report: Progress) -> RadianceField:
    """Fit voxels, VM or ZeroRF, whichever the options name, as its paper has it: a baseline that shares only the hull with ours.

    Raises bad-input problems for another kind.
    """
    from .few_views import fit_published

    if options.field not in ("zerorf", "voxel", "vm"):
        raise bad_input(f"there is no published {options.field} to compare with", "choose zerorf, voxel or vm")
    return _fitted(fit_published, (options.field, "as published"), views, region, options, folder, report)


def _fitted(
    fit: Fit, named: tuple[str, str], views: Sequence[View], region: Region, options: FieldOptions, folder: Path,
    report: Progress,
) -> RadianceField:  # fmt: skip
    """Fit and keep; `named` is the kind and why it was chosen."""
    kind, chosen = named
    started = time.monotonic()
    fitted = fit(views, region, options, folder, report)
    artefact = RadianceField(
        folder=folder,
        kind=kind,
        chosen=chosen,
        steps=fitted.steps,
        engine=fitted.engine,
        region=region,
        settings=fitted.field.settings(),
        seconds=time.monotonic() - started,
        notes=fitted.notes,
    )
    save_weights(artefact, fitted.field)
    return artefact


def choose_kind(options: FieldOptions, views: int, cuda: bool) -> tuple[str, str]:
    """The kind of field, and why, in words."""
    if options.field != "auto":
        return options.field, "asked for"
    if views <= FEW_VIEWS:
        return "zerorf", f"auto: {views} pictures are few"
    if cuda:
        return "hash", f"auto: {views} pictures, CUDA"
    return "voxel", f"auto: {views} pictures, no CUDA"


def _fit_of(kind: str, views: int) -> Fit:
    """The function that fits this kind to so many pictures. Each kind's file is read when it is needed."""
    if kind == "zerorf":
        from .few_views import fit_zerorf

        return fit_zerorf
    if kind == "vm":
        from .few_views import fit_vm

        return fit_vm
    if kind == "voxel" and views > FEW_VIEWS:
        from .voxels import fit_many_voxel

        return fit_many_voxel
    if kind == "voxel":
        from .few_views import fit_voxel

        return fit_voxel
    if kind == "hash":
        from .networks import fit_hash

        return fit_hash
    if kind == "nerf":
        from .networks import fit_nerf

        return fit_nerf
    if kind == "volsdf":
        from .networks import fit_volsdf

        return fit_volsdf
    if kind == "neus":
        from .networks import fit_neus

        return fit_neus
    raise bad_input(
        f"there is no field of the kind {kind}", "choose auto, zerorf, voxel, vm, hash, nerf, volsdf or neus", option="field"
    )
