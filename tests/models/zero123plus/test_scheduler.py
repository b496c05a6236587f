"""The samplers with a network that is never wrong, and what they refuse."""

from __future__ import annotations

import pytest
import torch

from grotto.contract import ProblemError
from grotto.models.zero123plus import SAMPLERS, NoiseSettings, make_scheduler

TRAINING = NoiseSettings(0.00085, 0.012, "linear", 1000)


@pytest.mark.parametrize("beta_schedule", ["linear", "scaled_linear"])
@pytest.mark.parametrize("sampler", SAMPLERS)
@pytest.mark.parametrize("steps", [1, 7, 28])
def test_an_exact_prediction_ends_on_the_data(sampler: str, steps: int, beta_schedule: str) -> None:
    """The input is sqrt(a) data + sqrt(1 - a) noise, and v = sqrt(a) noise - sqrt(1 - a) data (Salimans and Ho, 2022)."""
    scheduler = make_scheduler(NoiseSettings(0.00085, 0.012, beta_schedule, 1000), steps, sampler)
    assert len(scheduler.timesteps) == steps
    assert float(scheduler.timesteps[0]) == 999  # trailing: the last step of training
    generator = torch.Generator().manual_seed(5)
    data = torch.randn(1, 4, 6, 4, generator=generator)
    x = torch.randn(data.shape, generator=generator) * float(scheduler.init_noise_sigma)
    for timestep in scheduler.timesteps:
        a = scheduler.alphas_cumprod[int(timestep)]
        noise = (scheduler.scale_model_input(x, timestep) - a.sqrt() * data) / (1 - a).sqrt()
        v = a.sqrt() * noise - (1 - a).sqrt() * data
        x = scheduler.step(v, timestep, x, generator=generator, return_dict=False)[0]
    # DDIM ends on training's first noise level, 0.00085 in variance, the others on none
    assert torch.allclose(x, data, atol=0.15 if sampler == "ddim" else 1e-3)


def test_unknown_samplers_and_impossible_steps_are_refused() -> None:
    for steps, sampler, cause in ((4, "heun", "no sampler"), (0, "euler", "0 steps"), (1001, "euler", "1001 steps")):
        with pytest.raises(ProblemError, match=cause):
            make_scheduler(TRAINING, steps, sampler)
