"""The four networks from a local folder, checked before they are read: nothing here asks the network for anything."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from ...contract import Progress, Silent, missing_resource
from ..registry import Record, check_weights_file, quiet_transformers, read_record
from .reference import Reference, attach_reference
from .settings import CLASSES, Settings, other_version, read_json, read_settings

_FILES = {
    "text_encoder": "model.safetensors",
    "unet": "diffusion_pytorch_model.safetensors",
    "vae": "diffusion_pytorch_model.safetensors",
    "vision_encoder": "model.safetensors",
}
# Names that autoencoders saved before 2023 give their one attention, in the order of diffusers' later names.
_FORMER_NAMES = {"query": "to_q", "key": "to_k", "value": "to_v", "proj_attn": "to_out.0"}


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
        """Pixels a latent."""
        return int(2 ** (len(self.vae.config.block_out_channels) - 1))

    @property
    def step_px(self) -> int:
        """What a view's side must be a multiple of, in pixels, to survive every halving."""
        return self.vae_factor * int(2 ** (len(self.unet.config.block_out_channels) - 1))


def load_networks(weights: Path, device: str = "auto", precision: str = "auto", report: Progress | None = None) -> Networks:
    """Load Zero123++ from a folder with the published layout.

    `device` is "auto" (CUDA where it is there), "cpu" or "cuda"; `precision` "auto" (half on CUDA, else single), "float32" or
    "float16". Raises a missing-resource problem where files or the device are not there, a bad-input problem where weights are
    truncated or of another version.
    """
    report = report or Silent()
    settings, record = read_settings(weights), read_record(weights)
    for component, name in _FILES.items():
        path = weights / component / name
        if not path.is_file():
            raise missing_resource(f"the weights lack {component}/{name}", "install them again, see `grotto models verify`")
        check_weights_file(path, f"{component}/{name}")
    on = _device(device)
    half = precision == "float16" or (precision == "auto" and on.type == "cuda")
    dtype = torch.float16 if half else torch.float32
    networks: dict[str, Any] = {}
    for index, component in enumerate(CLASSES):
        report(index / len(CLASSES), f"loading {component}")
        load = _load_clip if component in ("text_encoder", "vision_encoder") else _load_diffusers
        # The autoencoder overflows in half precision (its config says so: force_upcast), and is small.
        wanted = torch.float32 if component == "vae" else dtype
        networks[component] = load(weights / component, CLASSES[component], wanted).to(on).eval().requires_grad_(False)
    _check_fit(networks, settings)
    report(1, "loaded")
    reference = attach_reference(networks["unet"])
    return Networks(settings, reference=reference, device=on, dtype=dtype, record=record, **networks)


def _device(device: str) -> torch.device:
    there = torch.cuda.is_available()
    if device == "cuda" and not there:
        raise missing_resource("CUDA is not there", "choose device cpu, or auto")
    return torch.device("cuda" if device == "cuda" or (device == "auto" and there) else "cpu")


def _load_diffusers(folder: Path, name: str, dtype: torch.dtype) -> Any:
    import diffusers
    from safetensors.torch import load_file

    config = read_json(folder / "config.json")
    if config.get("_class_name") != name:
        raise other_version(f"{folder.name}/config.json", f"it is of {config.get('_class_name')} and not of {name}")
    with torch.device("meta"):  # no memory and no random numbers for what the file replaces at once
        network = getattr(diffusers, name).from_config(config)
    state = {_later_name(key): value.to(dtype) for key, value in load_file(folder / _FILES[folder.name]).items()}
    wanted = network.state_dict()
    for key, value in state.items():
        if key in wanted and value.ndim == 4 and value.shape[2:] == (1, 1) and wanted[key].ndim == 2:
            state[key] = value[:, :, 0, 0]  # a linear layer that was saved as a convolution of one pixel
    _check_state(folder.name, wanted, state)
    network.load_state_dict(state, assign=True)
    return network


def _later_name(key: str) -> str:
    *before, layer, kind = key.split(".")
    if "attentions" in before and layer in _FORMER_NAMES and "transformer_blocks" not in before:
        return ".".join([*before, _FORMER_NAMES[layer], kind])
    return key


def _check_state(component: str, wanted: Mapping[str, Tensor], found: Mapping[str, Tensor]) -> None:
    """Raise a bad-input problem unless the file holds the tensors that the config asks for."""
    faults = [
        ("are missing", sorted(wanted.keys() - found.keys())),
        ("are unknown", sorted(found.keys() - wanted.keys())),
        ("have another shape", sorted(key for key in wanted.keys() & found.keys() if wanted[key].shape != found[key].shape)),
    ]
    _refuse(component, faults)


def _refuse(component: str, faults: list[tuple[str, list[str]]]) -> None:
    told = [f"{len(keys)} tensors {what} (the first is {keys[0]})" for what, keys in faults if keys]
    if told:
        raise other_version(component, ", ".join(told))


def _load_clip(folder: Path, name: str, dtype: torch.dtype) -> Any:
    import transformers

    config = read_json(folder / "config.json")
    if config.get("model_type") not in ("clip_text_model", "clip_vision_model", "clip"):
        raise other_version(f"{folder.name}/config.json", f"it is of {config.get('model_type', 'no model')} and not of {name}")
    with quiet_transformers():
        network, found = getattr(transformers, name).from_pretrained(
            folder,
            local_files_only=True,
            use_safetensors=True,
            output_loading_info=True,
            ignore_mismatched_sizes=True,
            dtype=dtype,
        )
    shapes = [key if isinstance(key, str) else str(key[0]) for key in found["mismatched_keys"]]
    unknown = [key for key in found["unexpected_keys"] if not key.endswith("position_ids")]  # counted anew, not learnt
    _refuse(folder.name, [("are missing", sorted(found["missing_keys"])), ("are unknown", sorted(unknown)),
                          ("have another shape", sorted(shapes))])  # fmt: skip
    return network


def _check_fit(networks: Mapping[str, Any], settings: Settings) -> None:
    """Raise a bad-input problem where networks of different versions were put together."""
    text, vision, vae, unet = (networks[name].config for name in ("text_encoder", "vision_encoder", "vae", "unet"))
    if not text.hidden_size == vision.projection_dim == unet.cross_attention_dim:
        widths = f"{text.hidden_size}, {vision.projection_dim} and {unet.cross_attention_dim}"
        raise other_version("config.json", f"the widths of text, picture and UNet are {widths}")
    if text.max_position_embeddings != len(settings.ramp):
        raise other_version("model_index.json", f"{len(settings.ramp)} ramp values for {text.max_position_embeddings} positions")
    if not vae.latent_channels == unet.in_channels == unet.out_channels:
        channels = f"{vae.latent_channels}, {unet.in_channels} and {unet.out_channels}"
        raise other_version("config.json", f"the channels of autoencoder and UNet are {channels}")
    if settings.clip_picture.size_px != vision.image_size:
        raise other_version("config.json", f"pictures of {settings.clip_picture.size_px} px for {vision.image_size} px")
