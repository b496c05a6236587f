"""Adaptive density control: splats whose places pull at the picture are cloned or split, faint and huge ones go.

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
    grow_slope: float = 2e-4  # gradient per half picture over which a splat grows
    large: float = 0.01  # of the extent: larger ones are split, others cloned
    huge: float = 0.1  # of the extent: pruned, once opacities were reset
    slopes: torch.Tensor | None = field(default=None)
    looks: torch.Tensor | None = field(default=None)

    def loss(self, gaussians: Gaussians) -> torch.Tensor:
        """No regulariser."""
        return gaussians.means.new_zeros(())

    def observe(self, splatted: Splatted) -> None:
        """Remember how much this picture pulled at the centres; after `backward`, with `retain_grad` on the centres."""
        slope = splatted.centres.grad
        if slope is None:
            return
        height, width = splatted.opacity.shape
        half = torch.tensor([0.5 * width, 0.5 * height], device=slope.device)
        size = (slope.reshape(-1, slope.shape[-1])[:, :2] * half).norm(dim=1)
        if self.slopes is None or len(self.slopes) != len(size):
            self.slopes, self.looks = torch.zeros_like(size), torch.zeros_like(size)
        self.slopes += torch.where(splatted.seen, size, torch.zeros_like(size))
        self.looks = splatted.seen.float() if self.looks is None else self.looks + splatted.seen

    def state(self) -> dict[str, torch.Tensor | None]:
        """What was observed, for a checkpoint."""
        return {"slopes": self.slopes, "looks": self.looks}

    def restore(self, state: dict[str, torch.Tensor | None]) -> None:
        """Go on from `state`."""
        self.slopes, self.looks = state["slopes"], state["looks"]

    def refine(self, step: int, optimiser: SplatOptimiser, means_rate: float, random: torch.Generator) -> None:
        """What is due after a step of the optimiser."""
        if not self.start <= step < self.stop:
            return
        if step % self.every == 0 and self.slopes is not None:
            self._grow(optimiser, random)
            self._prune(optimiser, self.reset_every > 0 and step > self.reset_every)
            self.slopes = self.looks = None
        if self.reset_every and step % self.reset_every == 0:
            rows = torch.arange(optimiser.count, device=optimiser.gaussians.means.device)
            lowest = math.log(2 * self.least_opacity / (1 - 2 * self.least_opacity))
            optimiser.overwrite(rows, {"opacity_logits": optimiser.gaussians.opacity_logits.detach().clamp_max(lowest)})

    def _grow(self, optimiser: SplatOptimiser, random: torch.Generator) -> None:
        if self.slopes is None or self.looks is None or len(self.slopes) != optimiser.count:
            return
        mean = self.slopes / self.looks.clamp_min(1)
        room = max(0, self.most - optimiser.count)
        wanted = torch.nonzero(mean > self.grow_slope)[:, 0]
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
    """No densification: the points that were given stay."""

    def loss(self, gaussians: Gaussians) -> torch.Tensor:
        """No regulariser."""
        return gaussians.means.new_zeros(())

    def observe(self, splatted: Splatted) -> None:
        """Nothing is learnt from single pictures."""

    def state(self) -> dict[str, torch.Tensor | None]:
        """Nothing to remember."""
        return {}

    def restore(self, state: dict[str, torch.Tensor | None]) -> None:
        """Nothing to remember."""

    def refine(self, step: int, optimiser: SplatOptimiser, means_rate: float, random: torch.Generator) -> None:
        """Nothing is due."""
