"""The weights of Zero123++: its settings files and its four networks, read from a local folder and checked against each other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from ...contract import ProblemError, Progress, missing_resource
from ...fitting import choose_device
from ..loading import Architecture, load_network, other_version, read_settings_file
from ..registry import Record, read_record
from .reference_attention import Reference, attach_reference
from .scheduler import NoiseSettings

TITLE = "Zero123++"
_PIPELINE = "Zero123PlusPipeline"
_DIFFUSERS_WEIGHTS = "diffusion_pytorch_model.safetensors"
_CLIP_TYPES = ("clip_text_model", "clip_vision_model", "clip")
_ARCHITECTURES = {
    "text_encoder": Architecture(
        title=TITLE, library="transformers", network="CLIPTextModel", model_types=_CLIP_TYPES, computed=("position_ids",)
    ),
    "unet": Architecture(
        title=TITLE,
        library="diffusers",
        network="UNet2DConditionModel",
        model_types=("UNet2DConditionModel",),
        weights=_DIFFUSERS_WEIGHTS,
    ),
    "vae": Architecture(
        title=TITLE, library="diffusers", network="AutoencoderKL", model_types=("AutoencoderKL",), weights=_DIFFUSERS_WEIGHTS
    ),
    "vision_encoder": Architecture(
        title=TITLE,
        library="transformers",
        network="CLIPVisionModelWithProjection",
        model_types=_CLIP_TYPES,
        computed=("position_ids",),
    ),
}


@dataclass(frozen=True)
class Preparation:
    """How the picture is prepared for a network; `size_px` is the shorter side after resizing and the side of the crop."""

    size_px: int
    resample: int  # Pillow's number: 2 bilinear, 3 bicubic
    mean: tuple[float, ...]
    std: tuple[float, ...]


@dataclass(frozen=True)
class Settings:
    """Everything in the folder beside the networks."""

    ramp: tuple[float, ...]  # weight of the picture's embedding at each position of the prompt
    prompt_ids: tuple[int, ...]  # of the empty prompt
    vae_picture: Preparation
    clip_picture: Preparation
    noise: NoiseSettings


@dataclass(frozen=True)
class Networks:
    """The networks of Zero123++ on one device; `dtype` is that of all but the autoencoder, which stays float32."""

    settings: Settings
    text_encoder: Any
    vision_encoder: Any
    vae: Any
    unet: Any
    reference: Reference
    device: torch.device
    dtype: torch.dtype
    record: Record | None  # name and rig, where the weights were installed

    @property
    def vae_factor(self) -> int:
        """Pixels per latent along each axis."""
        return int(2 ** (len(self.vae.config.block_out_channels) - 1))

    @property
    def step_px(self) -> int:
        """Pixels of which a view's side must be a multiple, so that every halving leaves whole latents."""
        return self.vae_factor * int(2 ** (len(self.unet.config.block_out_channels) - 1))


def load_networks(weights: Path, report: Progress, device: str = "auto", precision: str = "auto") -> Networks:
    """Load Zero123++ from a folder with the published layout.

    `device` is a request of `choose_device`; `precision` "auto" (half on CUDA, else single), "float32" or "float16". Raises the
    problems of `choose_device`, `read_settings` and `load_network`, and bad input where the networks are of different versions.
    """
    settings, record = read_settings(weights), read_record(weights)
    chosen = choose_device(report, device)
    half = precision == "float16" or (precision == "auto" and chosen.type == "cuda")
    dtype = torch.float16 if half else torch.float32
    networks: dict[str, Any] = {}
    for index, (component, architecture) in enumerate(_ARCHITECTURES.items()):
        report(index / len(_ARCHITECTURES), f"loading {component}")
        # The autoencoder overflows in half precision (its config says so: force_upcast), and is small.
        component_dtype = torch.float32 if component == "vae" else dtype
        network = load_network(weights / component, architecture, chosen, dtype=component_dtype)
        networks[component] = network.requires_grad_(False)
    _check_fit(networks, settings)
    report(1, "loaded")
    reference = attach_reference(networks["unet"])
    return Networks(settings, reference=reference, device=chosen, dtype=dtype, record=record, **networks)


def read_settings(weights: Path) -> Settings:
    """Read the settings in a folder of weights.

    Raises a missing resource where a file is absent, bad input where one is damaged or belongs to another pipeline or version.
    """
    if not weights.is_dir():
        raise missing_resource(f"there are no weights at {weights}", "see `grotto models show zero123plus-v1.2`")
    index = _read(weights / "model_index.json")
    if (pipeline := index.get("_class_name", "no pipeline")) != _PIPELINE:
        raise _of_another_version("model_index.json", f"it is of {pipeline} and not of {_PIPELINE}")
    for component, architecture in _ARCHITECTURES.items():
        named = (index.get(component) or [None, None])[-1]
        if named != architecture.network:
            cause = f"its {component} is {named or 'missing'} instead of {architecture.network}"
            raise _of_another_version("model_index.json", cause)
    ramp = _numbers("model_index.json", index.get("ramping_coefficients"), None)
    return Settings(
        ramp=ramp,
        prompt_ids=_empty_prompt(weights / "tokenizer", len(ramp)),
        vae_picture=_preparation(weights / "feature_extractor_vae" / "preprocessor_config.json"),
        clip_picture=_preparation(weights / "feature_extractor_clip" / "preprocessor_config.json"),
        noise=_noise(weights / "scheduler" / "scheduler_config.json"),
    )


def _check_fit(networks: Mapping[str, Any], settings: Settings) -> None:
    """Raise bad input where networks of different versions were put together."""
    text, vision, vae, unet = (networks[name].config for name in ("text_encoder", "vision_encoder", "vae", "unet"))
    if not text.hidden_size == vision.projection_dim == unet.cross_attention_dim:
        widths = f"{text.hidden_size}, {vision.projection_dim} and {unet.cross_attention_dim}"
        raise _of_another_version("config.json", f"the widths of text, picture and UNet are {widths}")
    if text.max_position_embeddings != len(settings.ramp):
        cause = f"{len(settings.ramp)} ramp values for {text.max_position_embeddings} positions"
        raise _of_another_version("model_index.json", cause)
    if not vae.latent_channels == unet.in_channels == unet.out_channels:
        channels = f"{vae.latent_channels}, {unet.in_channels} and {unet.out_channels}"
        raise _of_another_version("config.json", f"the channels of autoencoder and UNet are {channels}")
    if settings.clip_picture.size_px != vision.image_size:
        raise _of_another_version("config.json", f"pictures of {settings.clip_picture.size_px} px for {vision.image_size} px")


def _preparation(path: Path) -> Preparation:
    settings, name = _read(path), f"{path.parent.name}/{path.name}"
    size, crop = settings.get("size"), settings.get("crop_size")
    size = size.get("shortest_edge") if isinstance(size, dict) else size
    crop = crop.get("height") if isinstance(crop, dict) and crop.get("height") == crop.get("width") else crop
    if not isinstance(size, int) or size != crop or size < 1:
        raise _of_another_version(name, f"a picture of size {settings.get('size')} is cropped to {settings.get('crop_size')}")
    if not all(settings.get(step, True) for step in ("do_resize", "do_center_crop", "do_rescale", "do_normalize")):
        raise _of_another_version(name, "a step of the preparation is switched off")
    if settings.get("resample") not in (2, 3):
        raise _of_another_version(name, f"pictures are resized by method {settings.get('resample')}")
    return Preparation(
        size, settings["resample"], _numbers(name, settings.get("image_mean"), 3), _numbers(name, settings.get("image_std"), 3)
    )


def _numbers(name: str, value: object, count: int | None) -> tuple[float, ...]:
    """A list of numbers, of `count` where that is known; the published files write one number for three equal ones."""
    values = [value] * count if count is not None and isinstance(value, int | float) else value
    if not isinstance(values, list) or not values or (count is not None and len(values) != count):
        raise _of_another_version(name, "a list of numbers is missing")
    if not all(isinstance(value, int | float) for value in values):
        raise _of_another_version(name, "a list holds something else than numbers")
    return tuple(float(value) for value in values)


def _noise(path: Path) -> NoiseSettings:
    settings, name = _read(path), f"{path.parent.name}/{path.name}"
    if settings.get("prediction_type") != "v_prediction":
        raise _of_another_version(name, f"the network predicts {settings.get('prediction_type')} and not v_prediction")
    if settings.get("beta_schedule") not in ("linear", "scaled_linear") or settings.get("trained_betas") is not None:
        raise _of_another_version(name, f"the noise schedule {settings.get('beta_schedule')} is not known")
    if settings.get("rescale_betas_zero_snr"):
        raise _of_another_version(name, "the noise schedule is rescaled")
    try:
        steps = int(settings["num_train_timesteps"])
        return NoiseSettings(float(settings["beta_start"]), float(settings["beta_end"]), str(settings["beta_schedule"]), steps)
    except (KeyError, TypeError, ValueError) as error:
        raise _of_another_version(name, "the noise schedule is incomplete") from error


def _empty_prompt(folder: Path, length: int) -> tuple[int, ...]:
    """Token ids of the prompt "", padded: start, end, then the padding token up to `length`."""
    named = _read(folder / "tokenizer_config.json")
    special = folder / "special_tokens_map.json"
    # Stable Diffusion 2's older files pad with the end token in one and with "!" in the other; transformers' rule decides.
    if special.is_file() and "added_tokens_decoder" not in named:
        named = {**named, **_read(special)}
    ids = _read(folder / "vocab.json")
    found = []
    for role in ("bos_token", "eos_token", "pad_token"):
        token = named.get(role)
        token = token.get("content") if isinstance(token, dict) else token
        if not isinstance(token, str) or not isinstance(ids.get(token), int):
            raise _of_another_version("tokenizer", f"the {role} is missing")
        found.append(ids[token])
    start, end, padding = found
    return (start, end, *[padding] * (length - 2))


def _read(path: Path) -> dict[str, Any]:
    return read_settings_file(path, TITLE)


def _of_another_version(name: str, cause: str) -> ProblemError:
    return other_version(TITLE, f"in {name}, {cause}")
