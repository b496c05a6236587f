"""Densification as Markov chain Monte Carlo: relocate dead Gaussians, add new ones, perturb all with SGLD noise.

Kheradmand et al., 3D Gaussian Splatting as Markov Chain Monte Carlo, 2024; defaults of gsplat/strategy/mcmc.py.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch

from ..gaussians import Gaussians, rotation_matrices
from ..optimiser import SplatOptimiser
from ..raster import Splatted

_NOISELESS = 0.105  # opacity from which a Gaussian gets no noise: its share would be less than e^-10
_MOST_COPIES = 51  # gsplat: n_max of the relocation


@dataclass(kw_only=True)
class McmcStrategy:
    """Relocate and add Gaussians between `start` and `stop`, every `every` steps, up to `most`; add noise at every step."""

    most: int
    start: int
    stop: int
    every: int
    growth: float = 1.05  # factor of their number, each time (gsplat: 5 %)
    least_opacity: float = 0.005
    noise: float = 5e5
    opacity_weight: float = 0.01  # of the loss that lets unneeded Gaussians fade
    scale_weight: float = 0.01

    def loss(self, gaussians: Gaussians) -> torch.Tensor:
        """Regularisers of eq. 7: mean opacity and mean size."""
        return self.opacity_weight * gaussians.opacities.mean() + self.scale_weight * gaussians.scales.mean()

    def observe(self, splatted: Splatted) -> None:
        """This strategy needs no statistics."""

    def state(self) -> dict[str, torch.Tensor | None]:
        """No state."""
        return {}

    def restore(self, state: dict[str, torch.Tensor | None], device: torch.device) -> None:
        """No state."""

    def refine(self, step: int, optimiser: SplatOptimiser, means_rate: float, random: torch.Generator) -> None:
        """Relocate, add and perturb after a step of the optimiser."""
        if self.start <= step < self.stop and step % self.every == 0:
            self._relocate(optimiser, random)
            self._grow(optimiser, random)
        optimiser.move(*_sgld_noise(optimiser.gaussians, self.noise * means_rate, random))

    def _relocate(self, optimiser: SplatOptimiser, random: torch.Generator) -> None:
        gaussians = optimiser.gaussians.detached()
        dead = torch.nonzero(gaussians.opacities <= self.least_opacity)[:, 0]
        living = torch.nonzero(gaussians.opacities > self.least_opacity)[:, 0]
        if not len(dead) or not len(living):
            return
        sources = living[_drawn(gaussians.opacities[living], len(dead), random)]
        shared = _shared(gaussians, sources)
        optimiser.overwrite(sources, shared)
        optimiser.overwrite(dead, {**gaussians.select(sources).tensors, **shared})

    def _grow(self, optimiser: SplatOptimiser, random: torch.Generator) -> None:
        added = min(self.most, math.ceil(self.growth * optimiser.count)) - optimiser.count
        if added <= 0:
            return
        gaussians = optimiser.gaussians.detached()
        sources = _drawn(gaussians.opacities, added, random)
        shared = _shared(gaussians, sources)
        optimiser.overwrite(sources, shared)
        optimiser.append(gaussians.select(sources).with_tensors(**shared))


def _drawn(weights: torch.Tensor, count: int, random: torch.Generator) -> torch.Tensor:
    """`count` indices, drawn with replacement in proportion to weights (n,)."""
    steps = torch.cumsum(weights.double(), 0)
    places = torch.rand(count, generator=random, dtype=torch.float64).to(steps.device) * steps[-1]
    return torch.searchsorted(steps, places, right=True).clamp_max(len(weights) - 1)


def _shared(gaussians: Gaussians, sources: torch.Tensor) -> dict[str, torch.Tensor]:
    """Opacities and sizes of the sources (m,) and of the copies drawn from them."""
    copies = torch.bincount(sources, minlength=len(gaussians))[sources] + 1
    opacity, factor = shared_opacity(gaussians.opacities[sources], copies)
    return {
        "opacity_logits": torch.logit(opacity),
        "log_scales": gaussians.log_scales[sources] + torch.log(factor)[:, None],
    }


def shared_opacity(opacities: torch.Tensor, copies: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Opacity (n,) and factor of size (n,) with which `copies` (n,) equal Gaussians replace one (eq. 9)."""
    copies = copies.clamp_max(_MOST_COPIES)
    new = 1 - (1 - opacities.double().clamp_max(1 - 1e-6)) ** (1 / copies)
    total = torch.zeros_like(new)
    for i in range(1, int(copies.max()) + 1 if len(copies) else 1):
        inner = torch.zeros_like(new)
        for k in range(i):
            inner += math.comb(i - 1, k) * (-1) ** k / math.sqrt(k + 1) * new ** (k + 1)
        total += torch.where(copies >= i, inner, torch.zeros_like(inner))
    factor = opacities.double() / total.clamp_min(1e-12)
    return new.clamp(0.005, 1 - 1e-6).float(), factor.float()


def _sgld_noise(gaussians: Gaussians, size: float, random: torch.Generator) -> tuple[torch.Tensor, torch.Tensor]:
    """Indices (m,) of Gaussians and their noise (m, 3), shaped by their covariance (eq. 8). Opaque ones are left out."""
    with torch.no_grad():
        rows = torch.nonzero(gaussians.opacities < _NOISELESS)[:, 0]
        selected = gaussians.select(rows)
        weight = torch.sigmoid(-100 * (selected.opacities - 0.005))
        axes = rotation_matrices(selected.quaternions)[:, :, : selected.log_scales.shape[1]] * selected.scales[:, None, :]
        drawn = torch.randn((len(rows), 3), generator=random).to(axes.device) * (weight * size)[:, None]
        return rows, torch.einsum("nij,nj->ni", axes, torch.einsum("nkj,nk->nj", axes, drawn))
