"""Fit a field to few pictures: the masks carve a hull, and a field is fitted to its nodes (paper 000).

Three parametrisations share everything else: voxels, vector-matrix factors, and ZeroRF's generator of such factors.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from ...contract import Progress, bad_input
from ...contract.options import FieldOptions
from ...fitting import half_precision_is_native
from ...render.volume import lay_samples
from ...scene import Lattice, Region, View, thinner, visual_hull
from ..artefact import Fitted
from ..field_fit import run_field_fit
from . import finetuned, vm, voxel, zerorf
from .live_fit import LiveVoxelFit, Rates
from .live_voxels import LiveVoxels
from .node_values import NodeValues

_REFERENCE_PX = 256  # pictures on which pixel distances below were measured
_DISAGREEMENT_PX = 2.0  # masks that disagree are dilated by this much
_UNCOVERED = 2e-5  # part of the masks that may lie outside of the hull: consistent masks leave less, generated ones more


@dataclass(frozen=True, kw_only=True)
class Size:
    """How large a fit is."""

    resolution: int  # nodes along the region's longest side
    rays_px: int  # longest side of the pictures whose pixels are rays
    steps: int

    def coarser(self) -> Size:
        """The size at which the generator is fitted, before its values are finetuned."""
        return replace(
            self, resolution=round(finetuned.COARSER * self.resolution), rays_px=round(finetuned.FEWER_RAYS * self.rays_px)
        )


# On a CPU about a minute for zerorf; voxels are the draft.
_ON_CPU = {
    "zerorf": Size(resolution=96, rays_px=128, steps=600),
    "vm": Size(resolution=96, rays_px=128, steps=300),
    "voxel": Size(resolution=96, rays_px=128, steps=200),
}
_ON_CUDA = {
    "zerorf": Size(resolution=160, rays_px=256, steps=2000),
    "vm": Size(resolution=160, rays_px=256, steps=1500),
    "voxel": Size(resolution=160, rays_px=256, steps=500),
}
_LOST = 1e-2  # part of the masks that may lie outside of the dilated hull before one view may be wrong
_WIDENED = "the masks disagree slightly: they were dilated by a few pixels"
_SPARED = "the masks disagree: a place is kept if all views but one contain it"
_WITHOUT_MASKS = 48  # nodes per side: nothing can be carved, so the whole region is live
_NEARLY_CLEAR = -2.0  # raw density: forty nodes in a row absorb a tenth of the light (Sun et al. 2022, section 4.2)
_RATES = {
    "zerorf": Rates(model=zerorf.LEARNING_RATE, decay=zerorf.WEIGHT_DECAY, betas=zerorf.BETAS, average=zerorf.AVERAGE),
    "vm": Rates(model=vm.LEARNING_RATE, decay=0.0, betas=vm.BETAS),
    "voxel": Rates(model=voxel.LEARNING_RATE, decay=0.0, betas=voxel.BETAS),
}


def fit_zerorf(
    views: Sequence[View], region: Region, options: FieldOptions, device: torch.device, folder: Path, report: Progress
) -> Fitted:
    """Fit ZeroRF: slow, with the fewest artefacts."""
    return _fit("zerorf", views, region, options, device, folder, report)


def fit_vm(
    views: Sequence[View], region: Region, options: FieldOptions, device: torch.device, folder: Path, report: Progress
) -> Fitted:
    """Fit TensoRF's factors with total variation."""
    return _fit("vm", views, region, options, device, folder, report)


def fit_voxel(
    views: Sequence[View], region: Region, options: FieldOptions, device: torch.device, folder: Path, report: Progress
) -> Fitted:
    """Fit voxels with total variation: the draft."""
    return _fit("voxel", views, region, options, device, folder, report)


def fit_plain(
    views: Sequence[View], region: Region, options: FieldOptions, device: torch.device, folder: Path, report: Progress
) -> Fitted:
    """Fit voxels or VM (`options.field`) without our additions: a baseline.

    Nearly clear at the start, colour alone in the loss, one exposure for all pictures. Hull, lattice and loop are ours.
    """
    return _fit(options.field, views, region, options, device, folder, report, plain=True)


def _fit(
    kind: str,
    views: Sequence[View],
    region: Region,
    options: FieldOptions,
    device: torch.device,
    folder: Path,
    report: Progress,
    plain: bool = False,
) -> Fitted:
    size = _size(kind, options, device, masked=any(view.alpha is not None for view in views))
    half = kind == "zerorf" and half_precision_is_native(device)
    rates = _RATES[kind]
    if plain:
        rates = replace(rates, alpha=0.0, gains=0.0)
    two_stages = kind == "zerorf"
    report(0.0, "carving the hull")
    carved = _carve_views(views, region, size.coarser() if two_stages else size, device)
    for note in carved.notes:
        report.note(note)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(options.field_seed)
        model = _model(kind, carved, half, plain).to(device)
    report(0.0, "laying rays")
    coarse = carved.fit(model, rates)
    fit: LiveVoxelFit | finetuned.GeneratedThenFinetuned = coarse
    notes = carved.notes
    if two_stages:
        full = _carve_views(views, region, size, device)
        notes = tuple(dict.fromkeys((*notes, *full.notes)))
        fit = finetuned.GeneratedThenFinetuned(coarse, lambda field: _finetuned(full, field), size.steps)
    outcome = run_field_fit(fit, size.steps, views, options, folder, report)
    precision = "bfloat16 generator" if half else "float32"
    engine = f"torch {torch.__version__}, {device.type}, {precision}"
    return Fitted(field=fit.result(), steps=outcome.steps, engine=engine, notes=(*notes, *outcome.notes))


def _size(kind: str, options: FieldOptions, device: torch.device, masked: bool) -> Size:
    default = (_ON_CUDA if device.type == "cuda" else _ON_CPU)[kind]
    resolution = options.field_resolution or (default.resolution if masked else min(default.resolution, _WITHOUT_MASKS))
    return replace(default, resolution=resolution, steps=options.field_steps or default.steps)


@dataclass(frozen=True, kw_only=True)
class _Carved:
    """The live nodes of a lattice, and the pictures whose pixels are the rays."""

    region: Region
    resolution: int
    lattice: Lattice
    live: NDArray[np.bool_]
    nodes: torch.Tensor  # (n,) flat indices of live nodes
    views: Sequence[View]
    notes: tuple[str, ...]

    def fit(self, model: NodeValues, rates: Rates) -> LiveVoxelFit:
        def as_field(values: torch.Tensor) -> LiveVoxels:
            return LiveVoxels(self.region, self.resolution, self.nodes, values)

        return LiveVoxelFit(model, self.views, self.lattice, self.live, rates, as_field)


def _carve_views(views: Sequence[View], region: Region, size: Size, device: torch.device) -> _Carved:
    lattice = Lattice.over(region, size.resolution)
    live, notes = carve(views, lattice, size.rays_px)
    return _Carved(
        region=region,
        resolution=size.resolution,
        lattice=lattice,
        live=live,
        nodes=torch.from_numpy(np.flatnonzero(live.reshape(-1))).to(device),
        views=[view.fitted(size.rays_px) for view in views],
        notes=notes,
    )


def _finetuned(carved: _Carved, coarse: LiveVoxels) -> LiveVoxelFit:
    start = coarse.raw_at(carved.lattice.positions(carved.nodes))
    model = finetuned.FinetunedValues(carved.lattice.triples(carved.nodes), carved.lattice.counts, start)
    return carved.fit(model, replace(_RATES["voxel"], model=finetuned.LEARNING_RATE))


def carve(views: Sequence[View], lattice: Lattice, probe_px: int) -> tuple[NDArray[np.bool_], tuple[str, ...]]:
    """The live nodes (nx, ny, nz): the visual hull of the masks; and notes for the record.

    The hull of consistent masks covers them all. Where it does not, the masks disagree, as generated ones do: they are dilated,
    so that thin parts are not lost. Raises a bad-input problem where nothing is left.
    """
    if all(view.alpha is None for view in views):
        return np.ones(lattice.counts, bool), ("no picture has a mask: all of the region is searched, at a low resolution",)
    small = [view.fitted(probe_px) for view in views]
    longest = max(max(view.camera.width, view.camera.height) for view in views)
    wide_px = _DISAGREEMENT_PX * longest / _REFERENCE_PX
    notes: tuple[str, ...] = ()
    live = visual_hull(views, lattice)
    if _uncovered(small, lattice, live) > _UNCOVERED:
        live, notes = visual_hull(views, lattice, dilation_px=wide_px), (_WIDENED,)
        if _uncovered(small, lattice, live) > _LOST:
            live, notes = visual_hull(views, lattice, dilation_px=wide_px, spared=1), (_WIDENED, _SPARED)
    if not live.any():
        raise bad_input(
            "the masks leave nothing of the subject",
            "check that masks are white on the subject, and the cameras",
        )
    return live, notes


def _uncovered(views: Sequence[View], lattice: Lattice, live: NDArray[np.bool_]) -> float:
    """Share of the masks' pixels whose rays miss the hull, without its outer layer of nodes."""
    core = thinner(live)
    masks = [(view.camera, view.alpha) for view in views if view.alpha is not None]
    marked = np.concatenate([(alpha > 0.5).reshape(-1) for _, alpha in masks])
    if not core.any() or not marked.any():
        return float(marked.any())
    samples = lay_samples([camera for camera, _ in masks], lattice, core, step=lattice.step, device=torch.device("cpu"))
    first = np.cumsum([0, *(alpha.size for _, alpha in masks)])
    met = np.zeros(len(marked), bool)
    met[first[samples.picture.numpy()] + samples.pixel.numpy()] = True
    return float((marked & ~met).sum() / marked.sum())


def _model(kind: str, carved: _Carved, half: bool, plain: bool) -> NodeValues:
    lattice = carved.lattice
    triples = lattice.triples(carved.nodes)
    if kind == "zerorf":
        return zerorf.ZeroRF(triples, max(lattice.counts), half_precision=half)
    if kind == "vm":
        return vm.VectorMatrix(triples, max(lattice.counts), vm.PLAIN if plain else vm.OURS)
    return voxel.VoxelValues(triples, lattice.counts, _NEARLY_CLEAR if plain else voxel.FIRST_RAW)
