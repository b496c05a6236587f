"""Noise levels, and one step of each of the three samplers.

Zero123++ (2310.15110) predicts v (Salimans and Ho, Progressive distillation, 2022); Euler and Euler ancestral as in Karras et
al., Elucidating the design space, 2022, with its ancestral form as diffusers and k-diffusion have it; DDIM with eta 0 as in Song
et al., 2020, equation 12. With s the noise level: Euler's x is data + s noise; DDIM's x is sqrt(a) data + sqrt(1 - a) noise.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from ...contract import bad_input
from .settings import NoiseSettings

SAMPLERS = ("euler_ancestral", "euler", "ddim")


@dataclass(frozen=True)
class Schedule:
    """The steps of one sampling."""

    sampler: str
    timesteps: NDArray[np.float64]  # (n,), descending
    alphas: NDArray[np.float64]  # (train steps,), products of 1 - beta
    sigmas: NDArray[np.float64]  # (n + 1,), ends in 0; the noise over the data at each step

    @property
    def steps(self) -> int:
        return len(self.timesteps)

    @property
    def start_scale(self) -> float:
        """What unit normal noise is multiplied with to start."""
        return 1.0 if self.sampler == "ddim" else float(self.sigmas.max())


def make_schedule(noise: NoiseSettings, steps: int, sampler: str) -> Schedule:
    """Noise levels for `steps` steps with "trailing" spacing, which is Zero123++'s: the first step is the last of training.

    Raises a bad-input problem for an unknown sampler and a number of steps that is not between 1 and the steps of training.
    """
    if sampler not in SAMPLERS:
        raise bad_input(f"there is no sampler {sampler!r}", f"choose one of {', '.join(SAMPLERS)}")
    if not 1 <= steps <= noise.train_steps:
        raise bad_input(f"{steps} steps cannot be made", f"choose 1 to {noise.train_steps}")
    betas: NDArray[np.float64]
    if noise.beta_schedule == "linear":
        betas = np.linspace(noise.beta_start, noise.beta_end, noise.train_steps)
    else:
        betas = np.linspace(noise.beta_start**0.5, noise.beta_end**0.5, noise.train_steps) ** 2
    alphas = np.cumprod(1 - betas, dtype=np.float64)
    timesteps: NDArray[np.float64] = np.round(noise.train_steps - np.arange(steps) * noise.train_steps / steps) - 1
    at = alphas[timesteps.astype(int)]
    return Schedule(sampler, timesteps, alphas, np.append(np.sqrt((1 - at) / at), 0.0))


def scaled(x: Tensor, schedule: Schedule, step: int) -> Tensor:
    """The network's input: unit variance at every noise level."""
    return x if schedule.sampler == "ddim" else x / float(np.sqrt(schedule.sigmas[step] ** 2 + 1))


def noised(clean: Tensor, noise: Tensor, schedule: Schedule, step: int) -> Tensor:
    """Clean latents at the noise level of a step, scaled for the network."""
    if schedule.sampler == "ddim":
        alpha = schedule.alphas[int(schedule.timesteps[step])]
        return float(np.sqrt(alpha)) * clean + float(np.sqrt(1 - alpha)) * noise
    return scaled(clean + float(schedule.sigmas[step]) * noise, schedule, step)


def stepped(x: Tensor, v: Tensor, noise: Tensor, schedule: Schedule, step: int) -> Tensor:
    """The latents after a step, from those before it, the guided v, and unit normal noise that only the ancestral form uses."""
    if schedule.sampler == "ddim":
        return _ddim(x, v, schedule, step)
    sigma, after = float(schedule.sigmas[step]), float(schedule.sigmas[step + 1])
    clean = x / (sigma**2 + 1) - v * (sigma / float(np.sqrt(sigma**2 + 1)))
    slope = (x - clean) / sigma
    if schedule.sampler == "euler":
        return x + slope * (after - sigma)
    up = float(np.sqrt(after**2 * (sigma**2 - after**2) / sigma**2))
    down = float(np.sqrt(after**2 - up**2))
    return x + slope * (down - sigma) + up * noise


def _ddim(x: Tensor, v: Tensor, schedule: Schedule, step: int) -> Tensor:
    timestep = int(schedule.timesteps[step])
    before = timestep - len(schedule.alphas) // schedule.steps
    alpha = schedule.alphas[timestep]
    after = schedule.alphas[max(before, 0)]
    clean = float(np.sqrt(alpha)) * x - float(np.sqrt(1 - alpha)) * v
    noise = float(np.sqrt(alpha)) * v + float(np.sqrt(1 - alpha)) * x
    return float(np.sqrt(after)) * clean + float(np.sqrt(1 - after)) * noise
