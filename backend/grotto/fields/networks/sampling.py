"""Where along a ray a field is sampled: stratified, and by importance."""

from __future__ import annotations

import torch
from torch import Tensor


def stratified(near: Tensor, far: Tensor, jitter: Tensor) -> Tensor:
    """(r, s) distances between near and far (r,): one in each of s equal intervals, placed by jitter (r, s), 0 to 1.

    Mildenhall 2020, equation 2.
    """
    count = jitter.shape[1]
    steps = (torch.arange(count, device=near.device, dtype=near.dtype) + jitter) / count
    return near[:, None] + (far - near)[:, None] * steps


def importance(edges: Tensor, weights: Tensor, places: Tensor) -> Tensor:
    """(r, n) distances, in rising order, drawn from a density that is constant between edges (r, s + 1).

    weights (r, s), not negative, need not sum to one; places (r, n) 0 to 1 are the quantiles (Mildenhall 2020,
    section 5.2). No gradient flows back.
    """
    with torch.no_grad():
        mass = weights + 1e-5 * weights.sum(1, keepdim=True) + 1e-8
        running = torch.cumsum(mass / mass.sum(1, keepdim=True), dim=1)
        running = torch.cat([torch.zeros_like(running[:, :1]), running], dim=1)
        wanted = places.sort(dim=1).values.clamp(0, 1 - 1e-6)
        above = torch.searchsorted(running, wanted, right=True).clamp(1, running.shape[1] - 1)
        low, high = running.gather(1, above - 1), running.gather(1, above)
        part = (wanted - low) / (high - low).clamp_min(1e-10)
        first, last = edges.gather(1, above - 1), edges.gather(1, above)
        return first + part.clamp(0, 1) * (last - first)


def intervals(distances: Tensor, near: Tensor, far: Tensor) -> tuple[Tensor, Tensor]:
    """Starts and ends (r, s) of the intervals around sorted distances (r, s): bounds lie midway between them."""
    middles = 0.5 * (distances[:, 1:] + distances[:, :-1])
    starts = torch.cat([near[:, None], middles], dim=1)
    ends = torch.cat([middles, far[:, None]], dim=1)
    return starts, torch.maximum(starts, ends)
