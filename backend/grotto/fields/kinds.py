"""The kinds of fields: how each is fitted to views, and how each is built to take saved weights."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch

from ..contract import Progress
from ..contract.options import FieldOptions
from ..scene import Region, View
from .artefact import Fitted
from .few_views import build_live_voxels, fit_vm, fit_voxel, fit_zerorf
from .field import Field
from .networks import build_hash, build_nerf, build_neus, build_volsdf, fit_hash, fit_nerf, fit_neus, fit_volsdf
from .voxels import build_sparse_voxels, fit_sparse_voxels

FEW_VIEWS = 12  # up to this many, ZeroRF's prior is worth its cost

FitField = Callable[[Sequence[View], Region, FieldOptions, torch.device, Path, Progress], Fitted]
BuildField = Callable[[Region, dict[str, float | int | str]], Field]


@dataclass(frozen=True)
class FieldKind:
    """A kind of field."""

    fit: FitField
    build: BuildField  # from region and settings of an artefact; weights are still to be loaded


def _fit_voxel(
    views: Sequence[View], region: Region, options: FieldOptions, device: torch.device, folder: Path, report: Progress
) -> Fitted:
    """Fit dense voxels to few views, sparse ones to many."""
    fit = fit_sparse_voxels if len(views) > FEW_VIEWS else fit_voxel
    return fit(views, region, options, device, folder, report)


def _build_voxel(region: Region, settings: dict[str, float | int | str]) -> Field:
    """Build sparse voxels where the settings describe such, else dense ones."""
    return build_sparse_voxels(region, settings) if settings.get("layout") == "many" else build_live_voxels(region, settings)


KINDS = {
    "zerorf": FieldKind(fit_zerorf, build_live_voxels),
    "vm": FieldKind(fit_vm, build_live_voxels),
    "voxel": FieldKind(_fit_voxel, _build_voxel),
    "hash": FieldKind(fit_hash, build_hash),
    "nerf": FieldKind(fit_nerf, build_nerf),
    "volsdf": FieldKind(fit_volsdf, build_volsdf),
    "neus": FieldKind(fit_neus, build_neus),
}
