"""Adaptive density control: clone or split splats with large positional gradients, prune faint and huge ones.

Kerbl et al., 3D Gaussian Splatting, 2023, section 5.2; defaults of gsplat/strategy/default.py.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import torch

from ..gaussians import Gaussians, rotation_matrices
from ..optimiser import SplatOptimiser
from ..raster import Splatted

_SPLIT_SHRINK = 1.6


@dataclass(kw_only=True)
class DefaultStrategy:
    """Grow and prune between `start` and `stop`, every `every` steps, up to `most`; reset opacities every `reset_every`."""

    most: int
    start: int
    stop: int
    every: int
    reset_every: int  # steps; 0 never
    extent: float  # world units: size of the scene, against which splats are small or large
    least_opacity: float = 0.005
    grow_gradient: float = 2e-4  # positional gradient per half picture, above which a splat is cloned or split
    large: float = 0.01  # of the extent: larger ones are split, others cloned
    huge: float = 0.1  # of the extent: pruned, once opacities were reset
    gradients: torch.Tensor | None = field(default=None)
    counts: torch.Tensor | None = field(default=None)

    def loss(self, gaussians: Gaussians) -> torch.Tensor:
        """No regulariser."""
        return gaussians.means.new_zeros(())

    def observe(self, splatted: Splatted) -> None:
        """Accumulate the gradients of the centres; after `backward`, with `retain_grad` on the centres."""
        gradient = splatted.centres.grad
        if gradient is None:
            return
        height, width = splatted.opacity.shape
        half = torch.tensor([0.5 * width, 0.5 * height], device=gradient.device)
        size = (gradient.reshape(-1, gradient.shape[-1])[:, :2] * half).norm(dim=1)
        if self.gradients is None or len(self.gradients) != len(size):
            self.gradients, self.counts = torch.zeros_like(size), torch.zeros_like(size)
        self.gradients += torch.where(splatted.seen, size, torch.zeros_like(size))
        self.counts = splatted.seen.float() if self.counts is None else self.counts + splatted.seen

    def state(self) -> dict[str, torch.Tensor | None]:
        """The accumulated gradients, for a checkpoint."""
        return {"gradients": self.gradients, "counts": self.counts}

    def restore(self, state: dict[str, torch.Tensor | None], device: torch.device) -> None:
        """Continue from `state`."""
        gradients, counts = state["gradients"], state["counts"]
        self.gradients = None if gradients is None else gradients.to(device)
        self.counts = None if counts is None else counts.to(device)

    def refine(self, step: int, optimiser: SplatOptimiser, means_rate: float, random: torch.Generator) -> None:
        """Grow, prune and reset opacities after a step of the optimiser."""
        if not self.start <= step < self.stop:
            return
        if step % self.every == 0 and self.gradients is not None:
            self._grow(optimiser, random)
            self._prune(optimiser, self.reset_every > 0 and step > self.reset_every)
            self.gradients = self.counts = None
        if self.reset_every and step % self.reset_every == 0:
            rows = torch.arange(optimiser.count, device=optimiser.gaussians.means.device)
            lowest = math.log(2 * self.least_opacity / (1 - 2 * self.least_opacity))
            optimiser.overwrite(rows, {"opacity_logits": optimiser.gaussians.opacity_logits.detach().clamp_max(lowest)})

    def _grow(self, optimiser: SplatOptimiser, random: torch.Generator) -> None:
        if self.gradients is None or self.counts is None or len(self.gradients) != optimiser.count:
            return
        mean = self.gradients / self.counts.clamp_min(1)
        room = max(0, self.most - optimiser.count)
        wanted = torch.nonzero(mean > self.grow_gradient)[:, 0]
        if len(wanted) > room:
            wanted = wanted[torch.argsort(mean[wanted], descending=True)[:room]]
        gaussians = optimiser.gaussians.detached()
        is_large = gaussians.scales[wanted].amax(1) > self.large * self.extent
        cloned, split = gaussians.select(wanted[~is_large]), gaussians.select(wanted[is_large])
        kept = torch.ones(optimiser.count, dtype=torch.bool, device=mean.device)
        kept[wanted[is_large]] = False
        optimiser.keep(kept)
        optimiser.append(cloned.joined(_halves(split, random)))

    def _prune(self, optimiser: SplatOptimiser, also_huge: bool) -> None:
        gaussians = optimiser.gaussians.detached()
        good = gaussians.opacities >= self.least_opacity
        if also_huge:
            good &= gaussians.scales.amax(1) <= self.huge * self.extent
        if good.any():
            optimiser.keep(good)


def _halves(gaussians: Gaussians, random: torch.Generator) -> Gaussians:
    """Two smaller splats (2 n) for each, at places drawn from its own shape."""
    twice = gaussians.joined(gaussians)
    axes = rotation_matrices(twice.quaternions)[:, :, : twice.log_scales.shape[1]] * twice.scales[:, None, :]
    drawn = torch.randn((len(twice), twice.log_scales.shape[1]), generator=random).to(axes.device)
    return twice.with_tensors(
        means=twice.means + torch.einsum("nij,nj->ni", axes, drawn),
        log_scales=twice.log_scales - math.log(_SPLIT_SHRINK),
    )


@dataclass(kw_only=True)
class KeepStrategy:
    """No densification: the given points stay."""

    def loss(self, gaussians: Gaussians) -> torch.Tensor:
        """No regulariser."""
        return gaussians.means.new_zeros(())

    def observe(self, splatted: Splatted) -> None:
        """This strategy needs no statistics."""

    def state(self) -> dict[str, torch.Tensor | None]:
        """No state."""
        return {}

    def restore(self, state: dict[str, torch.Tensor | None], device: torch.device) -> None:
        """No state."""

    def refine(self, step: int, optimiser: SplatOptimiser, means_rate: float, random: torch.Generator) -> None:
        """No change."""
