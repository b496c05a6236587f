"""Our samplers beside those of diffusers, step by step, at other numbers of steps than the recording's."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from grotto.models.zero123plus import SAMPLERS, NoiseSettings, make_schedule, scaled, stepped


@pytest.mark.parametrize("beta_schedule", ["linear", "scaled_linear"])
@pytest.mark.parametrize("sampler", SAMPLERS)
@pytest.mark.parametrize("steps", [1, 7, 28])
def test_samplers_are_those_of_diffusers(sampler: str, steps: int, beta_schedule: str) -> None:
    import diffusers

    name = {"euler_ancestral": "EulerAncestralDiscreteScheduler", "euler": "EulerDiscreteScheduler", "ddim": "DDIMScheduler"}
    settings = {"beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": beta_schedule, "prediction_type": "v_prediction"}
    more = {"clip_sample": False, "set_alpha_to_one": False} if sampler == "ddim" else {}
    twin = getattr(diffusers, name[sampler])(**settings, **more, timestep_spacing="trailing")
    twin.set_timesteps(steps)
    schedule = make_schedule(NoiseSettings(0.00085, 0.012, beta_schedule, 1000), steps, sampler)
    assert np.array_equal(schedule.timesteps, twin.timesteps.double().numpy())
    assert schedule.start_scale == pytest.approx(float(twin.init_noise_sigma), rel=1e-5)

    generator = torch.Generator().manual_seed(5)
    x = theirs = torch.randn(1, 4, 6, 4, generator=generator) * schedule.start_scale
    for step, timestep in enumerate(twin.timesteps):
        assert torch.allclose(scaled(x, schedule, step), twin.scale_model_input(theirs, timestep), atol=1e-4)
        v = torch.sin(scaled(x, schedule, step))
        noise = torch.randn(x.shape, generator=torch.Generator().manual_seed(step))
        more = {"generator": torch.Generator().manual_seed(step)} if sampler == "euler_ancestral" else {}
        theirs = twin.step(v, timestep, theirs, **more).prev_sample
        x = stepped(x, v, noise, schedule, step)
        assert torch.allclose(x, theirs, atol=2e-4), step
