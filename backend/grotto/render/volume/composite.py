"""The rendering equation of radiance fields in its discrete form (Max 1995).

Along a ray, sample i has a density s_i and stands for a stretch of length d_i. It lets through exp(-s_i d_i) of the light
behind it, and its weight is w_i = T_i (1 - exp(-s_i d_i)) with T_i = exp(-sum over j < i of s_j d_j): what of it is seen.
Colour is the sum of w_i c_i, opacity the sum of w_i. Two layouts: `composite` has the same number of samples on each ray,
`composite_packed` any number, all samples in one list.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True, kw_only=True)
class Composite:
    """What rays see. Everything is differentiable but the median."""

    weights: Tensor  # (r, s) or, packed, (m,): the part of the picture that each sample makes
    colour: Tensor  # (r, c) premultiplied
    opacity: Tensor  # (r,)
    distance_expected: Tensor  # (r,) mean of the samples' distances by weight; 0 where opacity is
    distance_median: Tensor  # (r,) where half of the light is gone; 0 where never half of it goes


def composite(density: Tensor, colour: Tensor, starts: Tensor, ends: Tensor) -> Composite:
    """Composite rays that have equally many samples.

    density (r, s) per world unit, not negative; colour (r, s, c); starts, ends (r, s): the stretch of each sample as
    distances along its ray, in rising order. Within a stretch the density is constant, and so is where half is gone.
    """
    thickness = density * (ends - starts)
    behind = torch.cumsum(thickness, dim=1)
    passed = torch.exp(-(behind - thickness))
    weights = passed * -torch.expm1(-thickness)
    opacity = -torch.expm1(-behind[:, -1])
    middles = 0.5 * (starts + ends)
    expected = (weights * middles).sum(1) / opacity.clamp_min(1e-10)
    with torch.no_grad():
        half = _LN2 * torch.ones_like(behind[:, :1])
        at = torch.searchsorted(behind.contiguous(), half).clamp_max(behind.shape[1] - 1)
        before, here = (behind - thickness).gather(1, at), thickness.gather(1, at)
        part = ((half - before) / here.clamp_min(1e-10)).clamp(0, 1)
        median = starts.gather(1, at) + part * (ends - starts).gather(1, at)
        median = torch.where(behind[:, -1] >= _LN2, median[:, 0], torch.zeros_like(median[:, 0]))
    return Composite(
        weights=weights,
        colour=(weights[..., None] * colour).sum(1),
        opacity=opacity,
        distance_expected=expected,
        distance_median=median,
    )


def composite_packed(density: Tensor, colour: Tensor, distances: Tensor, step: float | Tensor, offsets: Tensor) -> Composite:
    """Composite rays of any number of samples: those of ray i are offsets[i] up to, not including, offsets[i + 1].

    density (m,) per world unit; colour (m, c); distances (m,) along the ray, rising within a ray; step: a number or (m,), the
    length each sample stands for; offsets (r + 1,) int64. The running sum over all rays is taken in float64, since what
    counts are its differences.
    """
    thickness = density * step
    counts = offsets[1:] - offsets[:-1]
    ray = torch.repeat_interleave(torch.arange(len(counts), device=counts.device), counts)
    running = torch.cumsum(thickness.double(), dim=0)
    padded = torch.cat([running.new_zeros(1), running])
    before = (running - thickness - padded[offsets[:-1]].index_select(0, ray)).to(thickness.dtype)
    weights = torch.exp(-before.clamp_min(0)) * -torch.expm1(-thickness)

    def per_ray(values: Tensor) -> Tensor:
        return values.new_zeros((len(counts), *values.shape[1:])).index_add(0, ray, values)

    opacity = per_ray(weights)
    with torch.no_grad():
        reached = (before < _LN2) & (before + thickness >= _LN2)
        part = (_LN2 - before) / thickness.clamp_min(1e-10) - 0.5
        median = per_ray(torch.where(reached, distances + part * step, torch.zeros_like(distances)))
    return Composite(
        weights=weights,
        colour=per_ray(weights[:, None] * colour),
        opacity=opacity,
        distance_expected=per_ray(weights * distances) / opacity.clamp_min(1e-10),
        distance_median=median,
    )


_LN2 = 0.6931471805599453
