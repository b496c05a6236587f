"""Every random number of a sampling, from one place, so that it can be repeated."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import torch
from torch import Tensor


class Draws(Protocol):
    """Unit normal noise of a shape, for what `name` says.

    Asked in the order vae_noise_cond, vae_noise_uncond, latents_init, then each step cond_noise and step_noise.
    """

    def __call__(self, name: str, shape: Sequence[int]) -> Tensor: ...


def seeded_draws(seed: int) -> Draws:
    """Draws that follow from the seed alone: made on the CPU, so that every device gets the same."""
    generator = torch.Generator().manual_seed(seed)

    def draw(name: str, shape: Sequence[int]) -> Tensor:
        return torch.randn(tuple(shape), generator=generator)

    return draw
