"""The fit of live voxels: all rays of all pictures at each step, by one sparse product (see `render/volume/sparse.py`)."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ...fitting import State
from ...render.volume import FixedSamples, composite_packed, lay_samples
from ...scene import Camera, Lattice, View
from .live_voxels import SOLID, LiveVoxels, above_empty, activate, from_empty
from .node_values import NodeValues

PICTURES_PER_STEP = 12
ALPHA_WEIGHT = 0.3  # opacity is a fourth channel of the squared error: it separates white on white from empty space
_GAIN_RATE, _GAIN_WEIGHT = 2e-3, 1e-3
_BACKGROUND_RATE = 2e-3
_REFRESH = 50  # steps between selections of samples
_OPAQUE = 1e-4  # transmittance, below which samples are left out
_HIDDEN = 0.02  # transmittance, below which nodes of the result are hidden
_CLEAR = 1e-3  # optical depth of a sample, under which it and its neighbours along the ray are left out


@dataclass(frozen=True, kw_only=True)
class Rates:
    """Learning rates and loss weights of the fit with AdamW."""

    model: float
    decay: float
    betas: tuple[float, float]
    alpha: float = ALPHA_WEIGHT
    gains: float = _GAIN_RATE  # 0: pictures have one exposure
    average: float = 0.0  # decay of the moving average of the weights; 0: the last weights are the result


@dataclass
class _Batch:
    """Some pictures: their rays, the targets of these, and the samples in use."""

    cameras: list[Camera]
    numbers: Tensor  # (p,) of the pictures among all
    samples: FixedSamples
    colour: Tensor  # (r, 3) premultiplied
    alpha: Tensor  # (r,)
    masked: Tensor  # (r,) bool: whether the ray's picture has alpha
    kept: Tensor | None = None  # (m,) bool
    active: tuple[FixedSamples, Tensor] | None = None  # those samples, and (k,) numbers of the nodes they depend on


class LiveVoxelFit:
    """The fit in progress: a `FieldFit`."""

    def __init__(
        self,
        model: NodeValues,
        views: Sequence[View],
        lattice: Lattice,
        live: NDArray[np.bool_],
        rates: Rates,
        as_field: Callable[[Tensor], LiveVoxels],
    ) -> None:
        """views: their pixels are the rays. live (nx, ny, nz): the nodes of the lattice that `model` gives values of."""
        self._model, self._views, self._lattice, self._live, self._as_field = model, views, lattice, live, as_field
        self._device = next(model.parameters()).device
        self._gains = torch.nn.Parameter(torch.zeros(len(views), 3, device=self._device))
        self._background = torch.nn.Parameter(_border_colour(views).to(self._device))
        groups = [
            {"params": list(model.parameters()), "lr": rates.model, "weight_decay": rates.decay},
            {"params": [self._gains], "lr": rates.gains, "weight_decay": 0.0},
            {"params": [self._background], "lr": _BACKGROUND_RATE, "weight_decay": 0.0},
        ]
        self._optimiser = torch.optim.AdamW(groups, betas=rates.betas)
        self._rates = rates
        self._mean = copy.deepcopy(model) if rates.average else model
        count = -(-len(views) // PICTURES_PER_STEP)
        self._batches = [self._batch(range(first, len(views), count)) for first in range(count)]

    def step(self, number: int) -> float:
        batch = self._batches[number % len(self._batches)]
        if number // len(self._batches) % _REFRESH == 0:
            self._select_samples(batch)
        self._optimiser.zero_grad(set_to_none=True)
        loss = self._image_loss(batch) + self._model.penalty() + _GAIN_WEIGHT * self._gains.square().mean()
        torch.autograd.backward(loss)
        self._optimiser.step()
        if self._mean is not self._model:
            self._average(number)
        return float(loss.detach())

    def state(self) -> State:
        return {
            "model": self._model.state_dict(),
            "mean": self._mean.state_dict(),
            "gains": self._gains.detach(),
            "background": self._background.detach(),
            "optimiser": self._optimiser.state_dict(),
            "kept": [batch.kept for batch in self._batches],
        }

    def restore(self, state: State) -> None:
        while len(self._batches) < len(state["kept"]):  # it was halved before
            self.halve()
        self._model.load_state_dict(state["model"])
        self._mean.load_state_dict(state["mean"])
        with torch.no_grad():
            self._gains.copy_(state["gains"])
            self._background.copy_(state["background"])
        self._optimiser.load_state_dict(state["optimiser"])
        for batch, kept in zip(self._batches, state["kept"], strict=True):
            if kept is not None:
                self._use_samples(batch, kept.to(self._device))

    def halve(self) -> str:
        numbered = [batch.numbers.tolist() for batch in self._batches]
        halves = [half for numbers in numbered for half in (numbers[::2], numbers[1::2]) if half]
        if len(halves) == len(numbered):
            return ""
        self._batches = [self._batch(numbers) for numbers in halves]
        return f"{max(len(batch.alpha) for batch in self._batches)} rays per step"

    def size(self) -> str:
        return ""

    @torch.no_grad()
    def current(self) -> LiveVoxels:
        return self._as_field(self._mean().detach().float().clone())

    @torch.no_grad()
    def result(self) -> LiveVoxels:
        """The field at the end. Hidden voxels are filled as solid: renderings stay the same, a mesh has one surface."""
        field = self.current()
        seen = torch.zeros(len(field.values), dtype=torch.bool, device=self._device)
        for batch in self._batches:
            _, before = self._optical_depths(batch)
            _, visible = batch.samples.only(before < -math.log(_HIDDEN))
            seen |= visible
        field.values[:, 0] = torch.where(seen, field.values[:, 0], field.values[:, 0].clamp_min(SOLID))
        return field

    @torch.no_grad()
    def take_over(self, other: LiveVoxelFit) -> None:
        """Copy gains and background of another fit to the same pictures."""
        self._gains.copy_(other._gains)
        self._background.copy_(other._background)

    def _image_loss(self, batch: _Batch) -> Tensor:
        colour, opacity = self._rendered(batch, *(batch.active or self._select_samples(batch)))
        behind = torch.where(batch.masked[:, None], torch.ones_like(colour), self._background)
        difference = colour + (1 - opacity[:, None]) * behind - batch.colour - (1 - batch.alpha[:, None]) * behind
        missing = torch.where(batch.masked, opacity - batch.alpha, torch.zeros_like(opacity))
        return difference.square().mean() + self._rates.alpha * missing.square().mean()

    def _rendered(self, batch: _Batch, samples: FixedSamples, wanted: Tensor) -> tuple[Tensor, Tensor]:
        """Colour (r, 3), premultiplied, and opacity (r,) of a batch's rays, with each picture's gain."""
        raw = from_empty(samples.at_samples(above_empty(self._model(wanted))))
        density, colour = activate(raw, self._lattice.step)
        seen = composite_packed(density, colour, samples.distances, samples.step, samples.offsets)
        gain = 1 + self._centred_gains()[batch.numbers][samples.picture]
        return seen.colour * gain, seen.opacity

    @torch.no_grad()
    def _average(self, number: int) -> None:
        """Update the moving average of the weights (Polyak and Juditsky 1992)."""
        decay = min(self._rates.average, (1 + number) / (10 + number))
        for mean, now in zip(self._mean.parameters(), self._model.parameters(), strict=True):
            mean.lerp_(now, 1 - decay)

    def _centred_gains(self) -> Tensor:
        return self._gains - self._gains.mean(0)

    @torch.no_grad()
    def _select_samples(self, batch: _Batch) -> tuple[FixedSamples, Tensor]:
        """Select the samples that contribute, and their neighbours along the ray: the others change nothing."""
        optical_depth, before = self._optical_depths(batch)
        contributes = optical_depth > _CLEAR
        selected = contributes.clone()
        selected[1:] |= contributes[:-1]
        selected[:-1] |= contributes[1:]
        return self._use_samples(batch, selected & (before < -math.log(_OPAQUE)))

    def _optical_depths(self, batch: _Batch) -> tuple[Tensor, Tensor]:
        """Optical depth (m,) of each sample, and (m,) float64 of all before it on its ray."""
        samples = batch.samples
        density, _ = activate(from_empty(samples.at_samples(above_empty(self._model()))), self._lattice.step)
        optical_depth = density * samples.step
        running = torch.cat([torch.zeros(1, device=self._device, dtype=torch.float64), optical_depth.double().cumsum(0)])
        counts = samples.offsets[1:] - samples.offsets[:-1]
        return optical_depth, running[:-1] - torch.repeat_interleave(running[samples.offsets[:-1]], counts)

    def _use_samples(self, batch: _Batch, kept: Tensor) -> tuple[FixedSamples, Tensor]:
        batch.kept = kept
        samples, needed = batch.samples.only(kept)
        batch.active = samples, torch.nonzero(needed)[:, 0]
        return batch.active

    def _batch(self, numbers: Sequence[int]) -> _Batch:
        chosen = [self._views[number] for number in numbers]
        cameras = [view.camera for view in chosen]
        samples = lay_samples(cameras, self._lattice, self._live, step=self._lattice.step, device=self._device)
        sizes = [camera.width * camera.height for camera in cameras]
        first = torch.tensor(np.cumsum([0, *sizes[:-1]]), device=self._device)
        at = first[samples.picture] + samples.pixel
        colour = np.concatenate([view.over(0.0).reshape(-1, 3) for view in chosen])
        alphas = [
            np.ones(size, np.float32) if view.alpha is None else view.alpha.reshape(-1)
            for view, size in zip(chosen, sizes, strict=True)
        ]
        masked = torch.tensor([view.alpha is not None for view in chosen], device=self._device)
        return _Batch(
            cameras=cameras,
            numbers=torch.tensor(list(numbers), device=self._device),
            samples=samples,
            colour=torch.from_numpy(colour).to(self._device)[at],
            alpha=torch.from_numpy(np.concatenate(alphas)).to(self._device)[at],
            masked=masked[samples.picture],
        )


def _border_colour(views: Sequence[View]) -> Tensor:
    """(3,) mean colour of the borders of pictures without alpha: the first value of the background."""
    bare = [view.colour for view in views if view.alpha is None]
    rims = [np.concatenate([colour[0], colour[-1], colour[:, 0], colour[:, -1]]) for colour in bare]
    mean = np.concatenate(rims).mean(0) if rims else np.ones(3)
    return torch.as_tensor(mean, dtype=torch.float32)
