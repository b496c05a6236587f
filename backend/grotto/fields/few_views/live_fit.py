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

from ...render.volume import FixedSamples, composite_packed, lay_samples
from ...scene import Camera, Lattice, View
from ..loop import State
from .live_voxels import SOLID, LiveVoxels, above_empty, activate, from_empty

PICTURES_A_STEP = 12
ALPHA_WEIGHT = 0.3  # opacity is a fourth channel of the squared error: white on white is told from nothing
_GAIN_RATE, _GAIN_WEIGHT = 2e-3, 1e-3
_BACKGROUND_RATE = 2e-3
_REFRESH = 50  # steps between choices of the samples that matter
_DARK = 1e-4  # light left, behind which samples are not looked at
_DIM = 0.02  # light left, behind which the result is solid
_CLEAR = 1e-3  # optical depth of a sample, under which it and its neighbours along the ray are left out


@dataclass(frozen=True, kw_only=True)
class Rates:
    """How AdamW is to go, and what it is to look at."""

    model: float
    decay: float
    betas: tuple[float, float]
    alpha: float = ALPHA_WEIGHT
    gains: float = _GAIN_RATE  # 0: pictures have one exposure
    average: float = 0.0  # how much of the mean of the weights stays at each step; 0: the last weights are the result


@dataclass
class _Part:
    """Some pictures: their rays, what these should see, and the samples that matter at the time."""

    cameras: list[Camera]
    numbers: Tensor  # (p,) of the pictures among all
    laid: FixedSamples
    colour: Tensor  # (r, 3) premultiplied
    alpha: Tensor  # (r,)
    masked: Tensor  # (r,) bool: whether the ray's picture has alpha
    kept: Tensor | None = None  # (m,) bool
    active: FixedSamples | None = None
    wanted: Tensor | None = None  # (k,) numbers of the nodes that active samples need


class LiveFitting:
    """The fit in progress: see `loop.Fitting`."""

    def __init__(
        self,
        model: torch.nn.Module,
        views: Sequence[View],
        lattice: Lattice,
        live: NDArray[np.bool_],
        rates: Rates,
        as_field: Callable[[Tensor], LiveVoxels],
    ) -> None:
        """model: gives raw values (n, 4) of live nodes, or of those asked for, and a penalty. views: rays are their pixels."""
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
        count = -(-len(views) // PICTURES_A_STEP)
        self._parts = [self._lay(range(first, len(views), count)) for first in range(count)]

    def step(self, number: int) -> float:
        part = self._parts[number % len(self._parts)]
        if number // len(self._parts) % _REFRESH == 0:
            self._choose(part)
        self._optimiser.zero_grad(set_to_none=True)
        penalty = self._model.penalty()  # type: ignore[operator]
        loss = self._error(part) + penalty + _GAIN_WEIGHT * self._gains.square().mean()
        loss.backward()
        self._optimiser.step()
        if self._mean is not self._model:
            self._follow(number)
        return float(loss.detach())

    def state(self) -> State:
        return {
            "model": self._model.state_dict(),
            "mean": self._mean.state_dict(),
            "gains": self._gains.detach(),
            "background": self._background.detach(),
            "optimiser": self._optimiser.state_dict(),
            "kept": [part.kept for part in self._parts],
        }

    def restore(self, state: State) -> None:
        while len(self._parts) < len(state["kept"]):  # it was halved before
            self.halve()
        self._model.load_state_dict(state["model"])
        self._mean.load_state_dict(state["mean"])
        with torch.no_grad():
            self._gains.copy_(state["gains"])
            self._background.copy_(state["background"])
        self._optimiser.load_state_dict(state["optimiser"])
        for part, kept in zip(self._parts, state["kept"], strict=True):
            if kept is not None:
                self._activate(part, kept.to(self._device))

    def halve(self) -> int:
        halves = []
        for part in self._parts:
            numbers = part.numbers.tolist()
            halves += [numbers[::2], numbers[1::2]]
        self._parts = [self._lay(numbers) for numbers in halves if numbers]
        return max(len(part.alpha) for part in self._parts)

    @torch.no_grad()
    def current(self) -> LiveVoxels:
        return self._as_field(self._mean().detach().float().clone())

    @torch.no_grad()
    def finished(self) -> LiveVoxels:
        """The field at the end: where no picture's light comes, it is solid, not whatever the fit left there.

        Renderings stay as they are; a mesh has one skin and no bubbles.
        """
        field = self.current()
        seen = torch.zeros(len(field.values), dtype=torch.bool, device=self._device)
        for part in self._parts:
            _, before = self._depths(part)
            _, lit = part.laid.only(before < -math.log(_DIM))
            seen |= lit
        field.values[:, 0] = torch.where(seen, field.values[:, 0], field.values[:, 0].clamp_min(SOLID))
        return field

    @torch.no_grad()
    def go_on_from(self, other: LiveFitting) -> None:
        """Take over what another fit to the same pictures found beside its field: gains and background."""
        self._gains.copy_(other._gains)
        self._background.copy_(other._background)

    def _error(self, part: _Part) -> Tensor:
        if part.active is None:
            self._choose(part)
        colour, opacity = self._see(part, part.active, part.wanted)  # type: ignore[arg-type]
        behind = torch.where(part.masked[:, None], torch.ones_like(colour), self._background)
        difference = colour + (1 - opacity[:, None]) * behind - part.colour - (1 - part.alpha[:, None]) * behind
        beside = torch.where(part.masked, opacity - part.alpha, torch.zeros_like(opacity))
        return difference.square().mean() + self._rates.alpha * beside.square().mean()

    def _see(self, part: _Part, samples: FixedSamples, wanted: Tensor | None) -> tuple[Tensor, Tensor]:
        """Colour (r, 3), premultiplied, and opacity (r,) of a part's rays, with each picture's gain."""
        raw = from_empty(samples.at_samples(above_empty(self._model(wanted))))
        density, colour = activate(raw, self._lattice.step)
        seen = composite_packed(density, colour, samples.distances, samples.step, samples.offsets)
        gain = 1 + self._centred_gains()[part.numbers][samples.picture]
        return seen.colour * gain, seen.opacity

    @torch.no_grad()
    def _follow(self, number: int) -> None:
        """Let the mean of the weights follow them: the walk of single steps is averaged out (Polyak and Juditsky 1992)."""
        stays = min(self._rates.average, (1 + number) / (10 + number))
        for mean, now in zip(self._mean.parameters(), self._model.parameters(), strict=True):
            mean.lerp_(now, 1 - stays)

    def _centred_gains(self) -> Tensor:
        return self._gains - self._gains.mean(0)

    @torch.no_grad()
    def _choose(self, part: _Part) -> None:
        """Choose the samples that something can be seen of, or that lie beside such: all the others change nothing."""
        thickness, before = self._depths(part)
        matters = thickness > _CLEAR
        beside = matters.clone()
        beside[1:] |= matters[:-1]
        beside[:-1] |= matters[1:]
        self._activate(part, beside & (before < -math.log(_DARK)))

    def _depths(self, part: _Part) -> tuple[Tensor, Tensor]:
        """Optical depth (m,) of each laid sample, and (m,) float64 of all before it on its ray."""
        laid = part.laid
        density, _ = activate(from_empty(laid.at_samples(above_empty(self._model()))), self._lattice.step)
        thickness = density * laid.step
        running = torch.cat([torch.zeros(1, device=self._device, dtype=torch.float64), thickness.double().cumsum(0)])
        counts = laid.offsets[1:] - laid.offsets[:-1]
        return thickness, running[:-1] - torch.repeat_interleave(running[laid.offsets[:-1]], counts)

    def _activate(self, part: _Part, kept: Tensor) -> None:
        part.kept = kept
        part.active, held = part.laid.only(kept)
        part.wanted = torch.nonzero(held)[:, 0]

    def _lay(self, numbers: Sequence[int]) -> _Part:
        chosen = [self._views[number] for number in numbers]
        cameras = [view.camera for view in chosen]
        laid = lay_samples(cameras, self._lattice, self._live, step=self._lattice.step, device=self._device)
        sizes = [camera.width * camera.height for camera in cameras]
        first = torch.tensor(np.cumsum([0, *sizes[:-1]]), device=self._device)
        at = first[laid.picture] + laid.pixel
        colour = np.concatenate([view.over(0.0).reshape(-1, 3) for view in chosen])
        alphas = [
            np.ones(size, np.float32) if view.alpha is None else view.alpha.reshape(-1)
            for view, size in zip(chosen, sizes, strict=True)
        ]
        masked = torch.tensor([view.alpha is not None for view in chosen], device=self._device)
        return _Part(
            cameras=cameras,
            numbers=torch.tensor(list(numbers), device=self._device),
            laid=laid,
            colour=torch.from_numpy(colour).to(self._device)[at],
            alpha=torch.from_numpy(np.concatenate(alphas)).to(self._device)[at],
            masked=masked[laid.picture],
        )


def _border_colour(views: Sequence[View]) -> Tensor:
    """(3,) mean colour of the rim of pictures without alpha: the first guess of what lies outside the region."""
    bare = [view.colour for view in views if view.alpha is None]
    rims = [np.concatenate([colour[0], colour[-1], colour[:, 0], colour[:, -1]]) for colour in bare]
    mean = np.concatenate(rims).mean(0) if rims else np.ones(3)
    return torch.as_tensor(mean, dtype=torch.float32)
