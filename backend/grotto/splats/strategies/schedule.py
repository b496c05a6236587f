"""The schedule of a fit of splats: sizes of pictures, learning rates, degrees of harmonics, densification."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ...contract.options import SplatOptions
from ...scene import View
from ..optimiser import RATES
from .default import DefaultStrategy, KeepStrategy
from .mcmc import McmcStrategy

Strategy = DefaultStrategy | KeepStrategy | McmcStrategy

_SIZES = ((0.0, 0.25), (0.15, 0.5), (0.45, 1.0))  # from this share of the steps on, pictures at this share of their size
_SMALLEST = 64  # px; pictures are not reduced below it
_FULL_STEPS = 30_000  # of gsplat's trainer: shorter fits have larger learning rates
_MOST_BOOST = 5.0
_RESET_LEAST = 3000  # steps; shorter fits have no time to recover from a reset of opacity


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """Plan of a fit of `steps` steps for a scene of `extent` world units."""

    steps: int
    degree: int
    extent: float

    def picture_px(self, step: int, longest_px: int) -> int:
        """Longer side of the pictures at a step, for views of `longest_px`."""
        factor = [factor for start, factor in _SIZES if step >= start * self.steps][-1]
        return max(min(_SMALLEST, longest_px), round(longest_px * factor))

    def rates(self, step: int) -> dict[str, float]:
        """Learning rates; that of the means falls to a hundredth."""
        boost = min(_MOST_BOOST, math.sqrt(_FULL_STEPS / self.steps))
        decay = 0.01 ** (step / max(1, self.steps))
        rates = {name: rate * boost for name, rate in RATES.items()}
        rates["means"] = RATES["means"] * self.extent * boost * decay
        for name in ("log_scales", "opacity_logits", "quaternions", "base", "rest"):
            rates[name] = RATES[name] * min(boost, 2.0) * 0.1 ** (step / max(1, self.steps))
        return rates

    def degree_at(self, step: int) -> int:
        """Degree of the spherical harmonics in use: one more every thousand steps, sooner in short fits."""
        every = max(1, min(1000, self.steps // (2 * (self.degree + 1))))
        return min(self.degree, step // every)

    def strategy(self, options: SplatOptions, count: int) -> Strategy:
        """Densification for a fit that begins with `count` splats."""
        if options.densify == "none":
            return KeepStrategy()
        every = max(10, min(100, self.steps // 75))
        start, most = min(500, self.steps // 15), max(options.splats_most, count)
        if options.densify == "default":
            reset = 3000 if self.steps >= 2 * _RESET_LEAST else 0
            return DefaultStrategy(
                most=most, start=start, stop=self.steps // 2, every=every, reset_every=reset, extent=self.extent
            )
        stop = int(0.8 * self.steps)
        turns = max(1, (self.steps // 2 - start) // every)
        growth = max(1.05, (most / max(1, count)) ** (1 / turns))
        return McmcStrategy(most=most, start=start, stop=stop, every=every, growth=growth)


def scene_extent(views: Sequence[View]) -> float:
    """1.1 times the largest distance of a camera from the cameras' middle (gsplat's scene_scale), world units."""
    places = np.array([view.camera.position for view in views])
    return 1.1 * float(np.linalg.norm(places - places.mean(0), axis=1).max())
