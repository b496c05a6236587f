"""The noise schedules and samplers of diffusers, set up as Zero123++ uses them.

Zero123++ (2310.15110) predicts v (Salimans and Ho, Progressive distillation, 2022) and spaces its timesteps "trailing": the first
step is the last of training. The settings come from the weights' folder, so that a sampler can be chosen.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from torch import Tensor

from ...contract import bad_input

# Settings beside those of the noise; DDIM with eta 0 ends on the first noise level of training.
_SAMPLERS: dict[str, tuple[str, dict[str, bool]]] = {
    "euler_ancestral": ("EulerAncestralDiscreteScheduler", {}),
    "euler": ("EulerDiscreteScheduler", {}),
    "ddim": ("DDIMScheduler", {"clip_sample": False, "set_alpha_to_one": False}),
}
SAMPLERS = tuple(_SAMPLERS)


@dataclass(frozen=True)
class NoiseSettings:
    """Noise levels of the training."""

    beta_start: float
    beta_end: float
    beta_schedule: str  # "linear", or "scaled_linear" (linear in the root)
    train_steps: int


def make_scheduler(noise: NoiseSettings, steps: int, sampler: str) -> Any:
    """Make diffusers' scheduler of SAMPLERS for one sampling of `steps` steps.

    Raises bad input for an unknown sampler and for a number of steps that is not between 1 and the steps of training.
    """
    if sampler not in _SAMPLERS:
        raise bad_input(f"there is no sampler {sampler!r}", f"choose one of {', '.join(_SAMPLERS)}")
    if not 1 <= steps <= noise.train_steps:
        raise bad_input(f"{steps} steps cannot be made", f"choose 1 to {noise.train_steps}")
    import diffusers

    name, settings = _SAMPLERS[sampler]
    scheduler = getattr(diffusers, name)(
        num_train_timesteps=noise.train_steps,
        beta_start=noise.beta_start,
        beta_end=noise.beta_end,
        beta_schedule=noise.beta_schedule,
        prediction_type="v_prediction",
        timestep_spacing="trailing",
        **settings,
    )
    scheduler.set_timesteps(steps)
    return scheduler


def noised(scheduler: Any, clean: Tensor, noise: Tensor, timestep: Tensor) -> Tensor:
    """Bring clean latents (n, c, h, w) to the noise level of `timestep`, scaled as the network's input."""
    noisy = scheduler.add_noise(clean, noise, timestep.expand(len(clean)))
    return scheduler.scale_model_input(noisy, timestep)
