"""What the small files beside the weights say: components, ramp, preparation of pictures, noise schedule, the empty prompt."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...contract import Action, ProblemError, bad_input, missing_resource

PIPELINE = "Zero123PlusPipeline"
CLASSES = {
    "text_encoder": "CLIPTextModel",
    "unet": "UNet2DConditionModel",
    "vae": "AutoencoderKL",
    "vision_encoder": "CLIPVisionModelWithProjection",
}


@dataclass(frozen=True)
class Preparation:
    """How a branch prepares its picture; `size_px` is both the shorter side after resizing and the side of the crop."""

    size_px: int
    resample: int  # Pillow's number: 2 bilinear, 3 bicubic
    mean: tuple[float, ...]
    std: tuple[float, ...]


@dataclass(frozen=True)
class NoiseSettings:
    """Training-time noise levels."""

    beta_start: float
    beta_end: float
    beta_schedule: str  # "linear", or "scaled_linear" (linear in the root)
    train_steps: int


@dataclass(frozen=True)
class Settings:
    """Everything that the folder says beside its networks."""

    ramp: tuple[float, ...]  # weight of the picture's embedding at each position of the prompt
    prompt_ids: tuple[int, ...]  # of the empty prompt
    vae_picture: Preparation
    clip_picture: Preparation
    noise: NoiseSettings


def read_settings(weights: Path) -> Settings:
    """Read the settings in a folder of weights.

    Raises a missing-resource problem where a file is not there, a bad-input problem where one is damaged or belongs to another
    pipeline or version.
    """
    if not weights.is_dir():
        raise missing_resource(f"there are no weights at {weights}", "see `grotto models show zero123plus-v1.2`")
    index = read_json(weights / "model_index.json")
    if index.get("_class_name") != PIPELINE:
        raise other_version("model_index.json", f"it is of {index.get('_class_name', 'no pipeline')} and not of {PIPELINE}")
    for component, wanted in CLASSES.items():
        named = (index.get(component) or [None, None])[-1]
        if named != wanted:
            raise other_version("model_index.json", f"its {component} is {named or 'missing'} and not {wanted}")
    ramp = _numbers("model_index.json", index.get("ramping_coefficients"), None)
    return Settings(
        ramp=ramp,
        prompt_ids=_empty_prompt(weights / "tokenizer", len(ramp)),
        vae_picture=_preparation(weights / "feature_extractor_vae" / "preprocessor_config.json"),
        clip_picture=_preparation(weights / "feature_extractor_clip" / "preprocessor_config.json"),
        noise=_noise(weights / "scheduler" / "scheduler_config.json"),
    )


def read_json(path: Path) -> dict[str, Any]:
    """A settings file; the problems are those of `read_settings`."""
    name = f"{path.parent.name}/{path.name}"
    try:
        held = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise missing_resource(f"the weights lack {name}", "install them again, see `grotto models verify`") from error
    except (OSError, ValueError) as error:
        raise bad_input(f"{name} is damaged", "install the weights again", Action.NONE) from error
    if not isinstance(held, dict):
        raise bad_input(f"{name} is damaged", "install the weights again", Action.NONE)
    return held


def other_version(name: str, cause: str) -> ProblemError:
    """The problem of weights that are whole, and not what this pipeline works with."""
    return bad_input(f"the weights are of another version: in {name}, {cause}", "choose the weights of Zero123++", Action.NONE)


def _preparation(path: Path) -> Preparation:
    held, name = read_json(path), f"{path.parent.name}/{path.name}"
    size, crop = held.get("size"), held.get("crop_size")
    size = size.get("shortest_edge") if isinstance(size, dict) else size
    crop = crop.get("height") if isinstance(crop, dict) and crop.get("height") == crop.get("width") else crop
    if not isinstance(size, int) or size != crop or size < 1:
        raise other_version(name, f"a picture of size {held.get('size')} is cropped to {held.get('crop_size')}")
    if not all(held.get(step, True) for step in ("do_resize", "do_center_crop", "do_rescale", "do_normalize")):
        raise other_version(name, "a step of the preparation is switched off")
    if held.get("resample") not in (2, 3):
        raise other_version(name, f"pictures are resized by method {held.get('resample')}")
    return Preparation(
        size, held["resample"], _numbers(name, held.get("image_mean"), 3), _numbers(name, held.get("image_std"), 3)
    )


def _numbers(name: str, held: object, count: int | None) -> tuple[float, ...]:
    """A list of numbers, of `count` where that is known; the published files write one number for three equal ones."""
    values = [held] * count if count is not None and isinstance(held, int | float) else held
    if not isinstance(values, list) or not values or (count is not None and len(values) != count):
        raise other_version(name, "a list of numbers is missing")
    if not all(isinstance(value, int | float) for value in values):
        raise other_version(name, "a list holds something else than numbers")
    return tuple(float(value) for value in values)


def _noise(path: Path) -> NoiseSettings:
    held, name = read_json(path), f"{path.parent.name}/{path.name}"
    if held.get("prediction_type") != "v_prediction":
        raise other_version(name, f"the network predicts {held.get('prediction_type')} and not v_prediction")
    if held.get("beta_schedule") not in ("linear", "scaled_linear") or held.get("trained_betas") is not None:
        raise other_version(name, f"the noise schedule {held.get('beta_schedule')} is not known")
    if held.get("rescale_betas_zero_snr"):
        raise other_version(name, "the noise schedule is rescaled")
    try:
        steps = int(held["num_train_timesteps"])
        return NoiseSettings(float(held["beta_start"]), float(held["beta_end"]), str(held["beta_schedule"]), steps)
    except (KeyError, TypeError, ValueError) as error:
        raise other_version(name, "the noise schedule is incomplete") from error


def _empty_prompt(folder: Path, length: int) -> tuple[int, ...]:
    """Token ids of the prompt "", padded: start, end, then the padding token up to `length`."""
    named = read_json(folder / "tokenizer_config.json")
    special = folder / "special_tokens_map.json"
    # Stable Diffusion 2's older files pad with the end token in one and with "!" in the other; transformers' rule decides.
    if special.is_file() and "added_tokens_decoder" not in named:
        named = {**named, **read_json(special)}
    ids = read_json(folder / "vocab.json")
    found = []
    for role in ("bos_token", "eos_token", "pad_token"):
        token = named.get(role)
        token = token.get("content") if isinstance(token, dict) else token
        if not isinstance(token, str) or not isinstance(ids.get(token), int):
            raise other_version("tokenizer", f"the {role} is missing")
        found.append(ids[token])
    start, end, padding = found
    return (start, end, *[padding] * (length - 2))
