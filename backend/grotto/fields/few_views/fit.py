"""Fit a field to few pictures: the outlines carve a hull, and a field lives on what is left (paper 000; `neural.md`'s route).

Three parametrisations share everything else: free voxels, vector-matrix factors, and ZeroRF's generator of such factors.
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
from ...render.volume import lay_samples
from ...scene import Lattice, Region, View, thinner, visual_hull
from ..artefact import Fitted
from ..loop import run
from . import freed, vm, voxel, zerorf
from .live_fit import LiveFitting, Rates
from .live_voxels import LiveVoxels

_REFERENCE_PX = 256  # pictures on which pixel distances below were measured
_DISAGREEMENT_PX = 2.0  # outlines that disagree are widened by this much
_UNCOVERED = 2e-5  # part of the masks that hulls of true outlines cover; generated ones leave ten times as much


@dataclass(frozen=True, kw_only=True)
class Size:
    """How large a fit is."""

    resolution: int  # nodes along the region's longest side
    rays_px: int  # longest side of the pictures whose pixels are rays
    steps: int

    def coarser(self) -> Size:
        """What the generator is fitted at before its values are freed."""
        return replace(self, resolution=round(freed.COARSER * self.resolution), rays_px=round(freed.FEWER_RAYS * self.rays_px))


# On a CPU about a minute for zerorf; free voxels are the draft.
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
_LOST = 1e-2  # part of the masks that widened outlines may lose before one view is doubted
_WIDENED = "the outlines disagree a little: they are widened by a few pixels"
_SPARED = "the outlines disagree: one view may be wrong about each place"
_WITHOUT_MASKS = 48  # nodes a side: nothing can be carved, so all of the region is live
_NEARLY_CLEAR = -2.0  # raw density: a hull of forty nodes takes a tenth of the light (Sun et al. 2022, section 4.2)
_RATES = {
    "zerorf": Rates(model=zerorf.LEARNING_RATE, decay=zerorf.WEIGHT_DECAY, betas=zerorf.BETAS, average=zerorf.AVERAGE),
    "vm": Rates(model=vm.LEARNING_RATE, decay=0.0, betas=vm.BETAS),
    "voxel": Rates(model=voxel.LEARNING_RATE, decay=0.0, betas=voxel.BETAS),
}


def fit_zerorf(views: Sequence[View], region: Region, options: FieldOptions, folder: Path, report: Progress) -> Fitted:
    """ZeroRF: the slow one that invents least."""
    return _fit("zerorf", views, region, options, folder, report)


def fit_vm(views: Sequence[View], region: Region, options: FieldOptions, folder: Path, report: Progress) -> Fitted:
    """TensoRF's factors with total variation."""
    return _fit("vm", views, region, options, folder, report)


def fit_voxel(views: Sequence[View], region: Region, options: FieldOptions, folder: Path, report: Progress) -> Fitted:
    """Free voxels with total variation: the draft."""
    return _fit("voxel", views, region, options, folder, report)


def fit_plain(views: Sequence[View], region: Region, options: FieldOptions, folder: Path, report: Progress) -> Fitted:
    """Fit free voxels or VM (`options.field`) without our additions: a baseline.

    Nearly clear at the start, colour alone in the loss, one exposure for all pictures. Hull, lattice and loop are ours.
    """
    return _fit(options.field, views, region, options, folder, report, plain=True)


def _fit(
    kind: str, views: Sequence[View], region: Region, options: FieldOptions, folder: Path, report: Progress,
    plain: bool = False,
) -> Fitted:  # fmt: skip
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    size = _size(kind, options, device, masked=any(view.alpha is not None for view in views))
    half = kind == "zerorf" and half_precision_is_quick(device)
    rates = _RATES[kind]
    if plain:
        rates = replace(rates, alpha=0.0, gains=0.0)
    in_two = kind == "zerorf"
    report(0.0, "carving the hull")
    ground = _carved(views, region, size.coarser() if in_two else size, device)
    for note in ground.notes:
        report.note(note)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(options.field_seed)
        model = _model(kind, ground, half, plain).to(device)
    report(0.0, "laying rays")
    begun = ground.fitting(model, rates)
    fitting: LiveFitting | freed.GeneratedThenFree = begun
    notes = ground.notes
    if in_two:
        full = _carved(views, region, size, device)
        notes = tuple(dict.fromkeys((*notes, *full.notes)))
        fitting = freed.GeneratedThenFree(begun, lambda found: _freed(full, found), size.steps)
    taken, more = run(fitting, size.steps, views, folder, report)
    precision = "bfloat16 generator" if half else "float32"
    engine = f"torch {torch.__version__}, {device.type}, {precision}"
    return Fitted(field=fitting.finished(), steps=taken, engine=engine, notes=(*notes, *more))


def _size(kind: str, options: FieldOptions, device: torch.device, masked: bool) -> Size:
    usual = (_ON_CUDA if device.type == "cuda" else _ON_CPU)[kind]
    resolution = options.field_resolution or (usual.resolution if masked else min(usual.resolution, _WITHOUT_MASKS))
    return replace(usual, resolution=resolution, steps=options.field_steps or usual.steps)


@dataclass(frozen=True, kw_only=True)
class _Ground:
    """What a fit stands on: live nodes of a lattice, and the pictures whose pixels are rays."""

    region: Region
    resolution: int
    lattice: Lattice
    live: NDArray[np.bool_]
    nodes: torch.Tensor  # (n,) flat indices of live nodes
    views: Sequence[View]
    notes: tuple[str, ...]

    def fitting(self, model: torch.nn.Module, rates: Rates) -> LiveFitting:
        def as_field(values: torch.Tensor) -> LiveVoxels:
            return LiveVoxels(self.region, self.resolution, self.nodes, values)

        return LiveFitting(model, self.views, self.lattice, self.live, rates, as_field)


def _carved(views: Sequence[View], region: Region, size: Size, device: torch.device) -> _Ground:
    lattice = Lattice.over(region, size.resolution)
    live, notes = carve(views, lattice, size.rays_px)
    return _Ground(
        region=region, resolution=size.resolution, lattice=lattice, live=live, notes=notes,
        nodes=torch.from_numpy(np.flatnonzero(live.reshape(-1))).to(device), views=[view.fitted(size.rays_px) for view in views],
    )  # fmt: skip


def _freed(ground: _Ground, found: LiveVoxels) -> LiveFitting:
    start = found.raw_at(ground.lattice.positions(ground.nodes))
    model = freed.FreedValues(ground.lattice.triples(ground.nodes), ground.lattice.counts, start)
    return ground.fitting(model, replace(_RATES["voxel"], model=freed.LEARNING_RATE))


def carve(views: Sequence[View], lattice: Lattice, probe_px: int) -> tuple[NDArray[np.bool_], tuple[str, ...]]:
    """The live nodes (nx, ny, nz), and what there is to say of them.

    Outlines that agree carve a hull which covers them all again. Where it does not, generated or wrongly cut outlines disagree:
    then they are widened, so that thin parts are not lost. Raises a bad-input problem where nothing is left.
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
    """Part of the masks' pixels from which no ray meets the hull, without the layer of nodes around it."""
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


def _model(kind: str, ground: _Ground, half: bool, plain: bool) -> torch.nn.Module:
    lattice = ground.lattice
    triples = lattice.triples(ground.nodes)
    if kind == "zerorf":
        return zerorf.ZeroRF(triples, max(lattice.counts), half_precision=half)
    if kind == "vm":
        return vm.VectorMatrix(triples, max(lattice.counts), vm.PLAIN if plain else vm.OURS)
    return voxel.VoxelValues(triples, lattice.counts, _NEARLY_CLEAR if plain else voxel.FIRST_RAW)


def half_precision_is_quick(device: torch.device) -> bool:
    """Whether bfloat16 convolutions are worth while: on CUDA, and on processors with instructions for them."""
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported()
    return bool(torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported())
