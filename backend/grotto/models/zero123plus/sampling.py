"""The sampler's loop: a writing and a reading pass of the UNet, guidance, one step of the schedule."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from ...contract import ProblemError, Progress, bad_input
from .draws import Draws
from .embedding import Condition
from .loading import Networks
from .schedule import Schedule, noised, scaled, stepped


@dataclass(frozen=True)
class Step:
    """What one step saw and made; the halves are [unconditional, conditional], or the conditional one alone."""

    written: Tensor  # (1 or 2, 4, h, w), input of the writing pass
    read: Tensor  # (1 or 2, 4, H, W), input of the reading pass
    v: Tensor  # (1 or 2, 4, H, W), the UNet's answers
    guided_v: Tensor  # (1, 4, H, W)
    latents: Tensor  # (1, 4, H, W), after the step
    kept: dict[str, Tensor]  # tokens (1 or 2, n, c) of each self-attention of the writing pass


@torch.no_grad()
def sample(
    networks: Networks, condition: Condition, schedule: Schedule, size: tuple[int, int], guidance: float, draws: Draws,
    report: Progress,
) -> Iterator[Step]:  # fmt: skip
    """Sample latents of `size` (rows, columns), one step at a time; the last step's are the result.

    Guidance is v_u + g (v_c - v_u) where the condition has two halves (Ho and Salimans, 2022). Progress is told at every
    layer, where a cancel is heard too. Raises a bad-input problem as soon as a latent is no number.
    """
    halves = len(condition.latents)
    channels = condition.latents.shape[1]
    x = draws("latents_init", (1, channels, *size)).to(networks.device) * schedule.start_scale
    told = _Told(report, schedule.steps, 2 * networks.reference.told_a_pass)
    for step in range(schedule.steps):
        told.step = step
        timestep = torch.tensor(schedule.timesteps[step], dtype=torch.float32, device=networks.device)
        noise = draws("cond_noise", condition.latents.shape).to(networks.device)
        written = noised(condition.latents, noise, schedule, step)
        read = scaled(x, schedule, step).expand(halves, -1, -1, -1)
        kept: dict[str, Tensor] = {}
        with networks.reference.writing(kept, told):
            _predict(networks, written, timestep, condition.prompt)
        with networks.reference.reading(kept, told):
            v = _predict(networks, read, timestep, condition.prompt)
        guided = v if halves == 1 else v[:1] + guidance * (v[1:] - v[:1])
        x = stepped(x, guided, draws("step_noise", x.shape).to(networks.device), schedule, step)
        if not bool(torch.isfinite(x).all()):
            raise _no_numbers(networks, step, schedule.steps)
        yield Step(written, read, v, guided, x, kept)


def _predict(networks: Networks, latents: Tensor, timestep: Tensor, prompt: Tensor) -> Tensor:
    answer = networks.unet(
        latents.to(networks.dtype), timestep, encoder_hidden_states=prompt.to(networks.dtype), return_dict=False
    )
    return answer[0].float()


class _Told:
    """Tells the progress at every layer."""

    def __init__(self, report: Progress, steps: int, layers: int) -> None:
        self._report, self._steps, self._layers, self._done = report, steps, layers, 0
        self.step = 0

    def __call__(self) -> None:
        self._done += 1
        self._report(min(1.0, self._done / (self._steps * self._layers)), f"step {self.step + 1} of {self._steps}")


def _no_numbers(networks: Networks, step: int, steps: int) -> ProblemError:
    remedy = "verify the weights with `grotto models verify`, or choose another seed"
    if networks.dtype == torch.float16:
        remedy = "choose precision float32, or another seed"
    return bad_input(f"the sampler gave values that are no numbers at step {step + 1} of {steps}", remedy)
