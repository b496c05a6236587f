"""Zero123++ (Shi et al., 2310.15110): one picture in, a sheet of six views round the object out.

Networks and schedulers are those of diffusers and transformers. In order: options, `six_views`, the condition, sampling with
reference attention and guidance, decoding.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ...contract import Part, ProblemError, Progress, bad_input, missing_resource
from ..loading import memory_problem
from ..registry import Record, read_record
from .normals import NormalGenerator, control_picture
from .picture import COLUMNS, ROWS, Frame, check_picture, framed, on_grey, pixel_values, split_sheet
from .scheduler import make_scheduler, noised
from .weights import Networks, load_networks

# Zero123++'s own scaling of latents and pictures while it was trained (its published pipeline, scale_latents, scale_image).
_LATENT_SHIFT, _LATENT_SCALE, _PICTURE_SCALE = 0.22, 0.75, 0.5 / 0.8


@dataclass(frozen=True, kw_only=True)
class SixViewsOptions:
    """Options of the sampling; the defaults are those of Zero123++'s README."""

    steps: int = 28
    guidance: float = 4.0  # 1 is none
    sampler: str = "euler_ancestral"
    fill: float | None = 0.85  # share of the square that the object takes; None leaves the picture as it is
    view_px: int = 320  # side of a view; the weights were trained at 320
    device: str = "auto"
    precision: str = "auto"


@dataclass(frozen=True)
class SixViews:
    """A sheet and its provenance."""

    sheet: NDArray[np.float32]  # (3 v, 2 v, 3), 0 to 1, on grey
    model: str  # the registry's name of the weights
    rig: str
    seed: int
    options: SixViewsOptions
    device: str  # "cpu float32", "cuda float16"
    frame: Frame | None  # the square given to the network; None where the picture was left as it is
    seconds: float

    @property
    def views(self) -> NDArray[np.float32]:
        """(6, v, v, 3), in the order of the rig's cameras."""
        return split_sheet(self.sheet)


class Draws:
    """Unit normal noise that follows from a seed alone: drawn on the CPU, so that every device computes with the same.

    The order decides the result: vae_noise_cond, vae_noise_uncond, latents_init, then in each step cond_noise and the noise
    that the scheduler draws from `generator`.
    """

    def __init__(self, seed: int) -> None:
        self.generator = torch.Generator().manual_seed(seed)

    def __call__(self, name: str, shape: Sequence[int]) -> Tensor:
        """Noise of a shape for the purpose `name`."""
        return torch.randn(tuple(shape), generator=self.generator)


def six_views(
    picture: NDArray[np.float32], weights: Path | Networks, rig: str, options: SixViewsOptions, seed: int, report: Progress
) -> SixViews:
    """Generate six views of the object on `picture` (h, w, 4), straight alpha, sRGB 0 to 1; (h, w, 3) counts as opaque.

    `weights` is the folder of an installed model, or networks that `load_networks` loaded from it. `rig` names the requested
    views ("v1.1", or "zero123plus-v1.1"). The same seed, device and precision give the same sheet.

    Raises bad input for an empty picture, options out of range, weights of another rig or version, and values that are not
    finite; a missing resource where weights or device are absent, or memory does not suffice.
    """
    began = time.monotonic()
    _check(picture, options)
    model = _model_of(weights, rig)
    square, frame = (picture, None) if options.fill is None else framed(picture, options.fill)
    with memory_problem("close other programs that use the GPU, or choose the device cpu"):
        if isinstance(weights, Networks):
            networks = weights
        else:
            networks = load_networks(weights, Part(report, 0, 0.1), options.device, options.precision)
        if options.view_px % networks.step_px:
            raise bad_input(f"views of {options.view_px} px cannot be made", f"choose a multiple of {networks.step_px}")
        sheet = _make_sheet(networks, on_grey(square), options, seed, Part(report, 0.1, 1))
    computed_on = f"{networks.device.type} {str(networks.dtype).removeprefix('torch.')}"
    return SixViews(sheet, model, _short(rig), seed, options, computed_on, frame, time.monotonic() - began)


def _make_sheet(
    networks: Networks,
    rgb: NDArray[np.uint8],
    options: SixViewsOptions,
    seed: int,
    report: Progress,
    control: Control | None = None,
) -> NDArray[np.float32]:
    """Sample and decode the sheet (3 v, 2 v, 3) for an 8-bit condition picture (s, s, 3)."""
    report(0, "preparing the picture")
    draws = Draws(seed)
    scheduler = make_scheduler(networks.settings.noise, options.steps, options.sampler)
    vae_pixels = pixel_values(rgb, networks.settings.vae_picture)
    clip_pixels = pixel_values(rgb, networks.settings.clip_picture)
    condition = condition_on(networks, vae_pixels, clip_pixels, options.guidance > 1, draws)
    side = options.view_px // networks.vae_factor
    size = ROWS * side, COLUMNS * side
    steps = sample(networks, condition, scheduler, size, options.guidance, draws, Part(report, 0.05, 0.95), control)
    (last,) = deque(steps, maxlen=1)  # of the others nothing is kept: their tokens take gigabytes
    report(0.95, "decoding the sheet")
    sheet = sheet_of(decode(networks, last.latents))
    if not np.isfinite(sheet).all():
        raise bad_input("the autoencoder computed values that are no numbers", "verify the weights with `grotto models verify`")
    report(1, "six views")
    return sheet


def six_normals(
    picture: NDArray[np.float32],
    sheet: NDArray[np.float32],
    networks: Networks,
    generator: NormalGenerator,
    options: SixViewsOptions,
    seed: int,
    report: Progress,
) -> NDArray[np.float32]:
    """Draw the normals (3 v, 2 v, 3) of a sheet that `six_views` made of the same picture, in view space, coded as 0 to 1.

    Raises what `six_views` raises.
    """
    _check(picture, options)
    square = picture if options.fill is None else framed(picture, options.fill)[0]
    control = Control(generator, control_picture(sheet))
    with memory_problem("close other programs that use the GPU, or choose the device cpu"):
        return _make_sheet(networks, on_grey(square), options, seed, report, control)


@dataclass(frozen=True)
class Control:
    """A ControlNet and the sheet (1, 3, H, W), -1 to 1, by which it controls the reading pass."""

    generator: NormalGenerator
    sheet: Tensor


@dataclass(frozen=True)
class Condition:
    """The condition of one sampling, on the networks' device; with guidance the first half is the unconditional one."""

    prompt: Tensor  # (1 or 2, n, c)
    latents: Tensor  # (1 or 2, 4, h, w), neither scaled nor shifted


def condition_on(networks: Networks, vae_pixels: Tensor, clip_pixels: Tensor, guided: bool, draws: Draws) -> Condition:
    """Compute prompt and latents of the prepared picture; with guidance those of an empty prompt and a mid-grey picture first."""
    empty = empty_prompt(networks)
    prompt = ramped(empty, picture_embedding(networks, clip_pixels), networks.settings.ramp)
    latents = _posterior_sample(networks, vae_pixels, "vae_noise_cond", draws)
    if not guided:
        return Condition(prompt, latents)
    unconditional = _posterior_sample(networks, torch.zeros_like(vae_pixels), "vae_noise_uncond", draws)
    return Condition(torch.cat([empty, prompt]), torch.cat([unconditional, latents]))


@torch.no_grad()
def picture_embedding(networks: Networks, pixels: Tensor) -> Tensor:
    """CLIP's projected embedding (1, c) of pixel values (1, 3, s, s), not normalised."""
    return networks.vision_encoder(pixels.to(networks.device, networks.dtype)).image_embeds


@torch.no_grad()
def empty_prompt(networks: Networks) -> Tensor:
    """The text encoder's output (1, n, c) for the empty prompt, after its last layer norm."""
    ids = torch.tensor([networks.settings.prompt_ids], device=networks.device)
    return networks.text_encoder(ids).last_hidden_state


def ramped(prompt: Tensor, embedding: Tensor, ramp: tuple[float, ...]) -> Tensor:
    """Add ramp_i times the picture's embedding (1, c) at each position i of the prompt (1, n, c) (2310.15110, section 2.3)."""
    weights = torch.tensor(ramp, dtype=prompt.dtype, device=prompt.device)
    return prompt + weights[None, :, None] * embedding[:, None, :]


@torch.no_grad()
def posterior(networks: Networks, pixels: Tensor) -> tuple[Tensor, Tensor]:
    """Mean and standard deviation of the autoencoder's latents of pixel values (1, 3, s, s), each (1, 4, h, w)."""
    distribution = networks.vae.encode(pixels.to(networks.device, torch.float32)).latent_dist
    return distribution.mean, distribution.std


def _posterior_sample(networks: Networks, pixels: Tensor, name: str, draws: Draws) -> Tensor:
    mean, std = posterior(networks, pixels)
    return mean + std * draws(name, mean.shape).to(mean)


@dataclass(frozen=True)
class Step:
    """Inputs and outputs of one step; the halves are [unconditional, conditional], or the conditional one alone."""

    written: Tensor  # (1 or 2, 4, h, w), input of the writing pass
    read: Tensor  # (1 or 2, 4, H, W), input of the reading pass
    v: Tensor  # (1 or 2, 4, H, W), the UNet's predictions
    guided_v: Tensor  # (1, 4, H, W)
    latents: Tensor  # (1, 4, H, W), after the step
    stored: dict[str, Tensor]  # tokens (1 or 2, n, c) of each self-attention of the writing pass


@torch.no_grad()
def sample(
    networks: Networks,
    condition: Condition,
    scheduler: Any,
    size: tuple[int, int],
    guidance: float,
    draws: Draws,
    report: Progress,
    control: Control | None = None,
) -> Iterator[Step]:
    """Sample latents of `size` (rows, columns), one step at a time; the last step's are the result.

    control: acts on the reading pass alone (Zero123++'s DepthControlUNet). Guidance is v_u + g (v_c - v_u) where the condition
    has two halves (Ho and Salimans, 2022). Progress is reported at every layer, so that a job can be cancelled inside a pass.
    Raises bad input as soon as a latent is not finite.
    """
    halves, channels = condition.latents.shape[:2]
    x = draws("latents_init", (1, channels, *size)).to(networks.device) * float(scheduler.init_noise_sigma)
    progress = _LayerProgress(report, len(scheduler.timesteps), 2 * networks.reference.layers)
    for step, timestep in enumerate(scheduler.timesteps):  # on the CPU, where diffusers keeps its noise levels
        progress.step = step
        at = timestep.to(networks.device, torch.float32)
        noise = draws("cond_noise", condition.latents.shape).to(networks.device)
        written = noised(scheduler, condition.latents, noise, timestep)
        read = scheduler.scale_model_input(x, timestep).expand(halves, -1, -1, -1)
        stored: dict[str, Tensor] = {}
        with networks.reference.writing(stored, progress):
            _predict(networks, written, at, condition.prompt)
        with networks.reference.reading(stored, progress):
            v = _predict(networks, read, at, condition.prompt, control)
        guided = v if halves == 1 else v[:1] + guidance * (v[1:] - v[:1])
        x = scheduler.step(guided, timestep, x, generator=draws.generator, return_dict=False)[0]
        if not bool(torch.isfinite(x).all()):
            raise _not_finite(networks, step, len(scheduler.timesteps))
        yield Step(written, read, v, guided, x, stored)


def _predict(networks: Networks, latents: Tensor, timestep: Tensor, prompt: Tensor, control: Control | None = None) -> Tensor:
    latents, prompt = latents.to(networks.dtype), prompt.to(networks.dtype)
    added = {} if control is None else control.generator.residuals(latents, timestep, prompt, control.sheet)
    output = networks.unet(latents, timestep, encoder_hidden_states=prompt, return_dict=False, **added)
    return output[0].float()


class _LayerProgress:
    """Reports progress at every layer."""

    def __init__(self, report: Progress, steps: int, layers: int) -> None:
        self._report, self._steps, self._layers, self._done = report, steps, layers, 0
        self.step = 0

    def __call__(self) -> None:
        self._done += 1
        self._report(min(1.0, self._done / (self._steps * self._layers)), f"step {self.step + 1} of {self._steps}")


def _not_finite(networks: Networks, step: int, steps: int) -> ProblemError:
    remedy = "verify the weights with `grotto models verify`, or choose another seed"
    if networks.dtype == torch.float16:
        remedy = "choose precision float32, or another seed"
    return bad_input(f"the sampler computed values that are no numbers at step {step + 1} of {steps}", remedy)


def decoder_input(latents: Tensor, scaling_factor: float) -> Tensor:
    """Remove the training-time scaling and the autoencoder's own from the sampler's latents."""
    return (latents / _LATENT_SCALE + _LATENT_SHIFT) / scaling_factor


@torch.no_grad()
def decode(networks: Networks, latents: Tensor) -> Tensor:
    """Decode the sampler's latents to a picture (1, 3, H, W), still in the training-time scaling of pictures."""
    return networks.vae.decode(decoder_input(latents, networks.vae.config.scaling_factor).float(), return_dict=False)[0]


def sheet_of(decoded: Tensor) -> NDArray[np.float32]:
    """Convert the decoded picture (1, 3, H, W) to the sheet (H, W, 3), 0 to 1."""
    values = (decoded / _PICTURE_SCALE / 2 + 0.5).clamp(0, 1)
    return values[0].permute(1, 2, 0).float().cpu().numpy()


def _check(picture: NDArray[np.float32], options: SixViewsOptions) -> None:
    check_picture(picture)
    if not 1 <= options.guidance <= 50:
        raise bad_input(f"a guidance of {options.guidance:g} is out of range", "choose 1 (none) to 50; 4 is the default")
    if options.fill is not None and not 0.1 <= options.fill <= 1:
        raise bad_input(f"a fill of {options.fill:g} is out of range", "choose 0.1 to 1")
    if not 1 <= options.view_px <= 2048:
        raise bad_input(f"views of {options.view_px} px cannot be made", "choose 320, which the weights were trained at")


def _model_of(weights: Path | Networks, rig: str) -> str:
    """The registry's name of the weights. Raises bad input for weights that were trained for another rig."""
    record = _record_of(weights, rig)
    if record is None:
        raise missing_resource(
            f"the weights{f' at {weights}' if isinstance(weights, Path) else ''} do not say of which rig they are",
            f"install them: `grotto models install {_full(rig)} --from FOLDER`",
        )
    if record.rig != _short(rig):
        raise bad_input(
            f"the weights {record.name} are of rig {record.rig or 'unknown'}, and rig {_short(rig)} is requested",
            f"choose that rig, or install {_full(rig)}",
        )
    return record.name


def _record_of(weights: Path | Networks, rig: str) -> Record | None:
    if isinstance(weights, Networks):
        return weights.record
    if not weights.is_dir():
        raise missing_resource(f"there are no weights at {weights}", f"see `grotto models show {_full(rig)}`")
    return read_record(weights)


def _short(rig: str) -> str:
    return rig.removeprefix("zero123plus-")


def _full(rig: str) -> str:
    return f"zero123plus-{_short(rig)}"
