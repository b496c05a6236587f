"""Load a network of transformers or diffusers from a local folder.

The config's model type is checked first, then the length of the weights file, then the name and shape of every tensor. Nothing
is fetched, and no code of the folder is run.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import torch
from torch import Tensor

from ..registry import check_weights_file
from .faults import missing_file, other_version, read_settings_file
from .quiet import quiet_transformers

CONFIG = "config.json"
# Names that autoencoders saved before 2023 give their one attention, in the order of diffusers' later names.
_FORMER_NAMES = {"query": "to_q", "key": "to_k", "value": "to_v", "proj_attn": "to_out.0"}


@dataclass(frozen=True, kw_only=True)
class Architecture:
    """A network of another project: the class that builds it, and the files and tensors that belong to it."""

    title: str  # as users know the model
    library: Literal["transformers", "diffusers"]
    network: str  # the class in that library
    model_types: tuple[str, ...]  # accepted in the config: `model_type` of transformers, `_class_name` of diffusers
    weights: str = "model.safetensors"
    computed: tuple[str, ...] = ()  # parts of the names of tensors that are computed and not learnt: may be absent or surplus
    head: tuple[str, ...] = ()  # prefixes of tensors that depend on the number of classes
    allow_surplus: bool = False  # files that hold more than the network, such as those of a video model, are accepted


@dataclass(frozen=True)
class _TensorNames:
    """Tensor names that do not agree between file and network."""

    missing: tuple[str, ...]
    unknown: tuple[str, ...]
    of_another_shape: tuple[str, ...]


def load_network(
    folder: Path,
    architecture: Architecture,
    device: torch.device,
    *,
    dtype: torch.dtype = torch.float32,
    classes: tuple[str, ...] = (),
) -> Any:
    """Load a network onto `device`, in evaluation mode.

    `classes` replaces the classes that the file knows; a head of another size then starts from random weights. Raises a missing
    resource where files are absent, bad input where they are damaged, truncated, or of another model or version.
    """
    config = read_settings_file(folder / CONFIG, architecture.title)
    named = config.get("model_type" if architecture.library == "transformers" else "_class_name")
    if named not in architecture.model_types:
        accepted = " or ".join(architecture.model_types)
        raise other_version(architecture.title, f"{folder.name}/{CONFIG} names {named or 'no model'} instead of {accepted}")
    path = folder / architecture.weights
    if not path.is_file():
        raise missing_file(architecture.title, path)
    check_weights_file(path, f"{folder.name}/{path.name}")
    if architecture.library == "transformers":
        network, names = _from_transformers(folder, architecture.network, dtype, classes)
    else:
        network, names = _from_diffusers(path, architecture.network, config, dtype)
    _check_names(folder.name, architecture, names, new_head=bool(classes))
    return network.to(device).eval()


def _check_names(component: str, architecture: Architecture, names: _TensorNames, *, new_head: bool) -> None:
    """Raise bad input unless the file holds the tensors of the network."""
    shapes = [key for key in names.of_another_shape if not (new_head and key.startswith(architecture.head))]
    faults = [
        ("are missing", names.missing),
        ("are unknown", () if architecture.allow_surplus else names.unknown),
        ("have another shape", shapes),
    ]
    causes = []
    for fault, keys in faults:
        learnt = sorted(key for key in keys if not any(part in key for part in architecture.computed))
        if learnt:
            causes.append(f"{len(learnt)} tensors of {component} {fault} (the first is {learnt[0]})")
    if causes:
        raise other_version(architecture.title, ", ".join(causes))


def _from_transformers(folder: Path, name: str, dtype: torch.dtype, classes: tuple[str, ...]) -> tuple[Any, _TensorNames]:
    import transformers

    settings: dict[str, Any] = {}
    if classes:
        settings = {"id2label": dict(enumerate(classes)), "label2id": {label: number for number, label in enumerate(classes)}}
    with quiet_transformers():
        network, loaded = getattr(transformers, name).from_pretrained(
            folder,
            local_files_only=True,
            use_safetensors=True,
            trust_remote_code=False,
            output_loading_info=True,
            ignore_mismatched_sizes=True,
            dtype=dtype,
            **settings,
        )
    shapes = tuple(key if isinstance(key, str) else str(key[0]) for key in loaded["mismatched_keys"])
    return network, _TensorNames(tuple(loaded["missing_keys"]), tuple(loaded["unexpected_keys"]), shapes)


def _from_diffusers(path: Path, name: str, config: Mapping[str, Any], dtype: torch.dtype) -> tuple[Any, _TensorNames]:
    import diffusers
    from safetensors.torch import load_file

    with torch.device("meta"):  # no memory and no random numbers for weights that the file replaces
        network = getattr(diffusers, name).from_config(config)
    state = {_later_name(key): value.to(dtype) for key, value in load_file(path).items()}
    expected: dict[str, Tensor] = network.state_dict()
    for key, value in state.items():
        if key in expected and value.ndim == 4 and value.shape[2:] == (1, 1) and expected[key].ndim == 2:
            state[key] = value[:, :, 0, 0]  # a linear layer that was saved as a convolution of one pixel
    names = _TensorNames(
        missing=tuple(expected.keys() - state.keys()),
        unknown=tuple(state.keys() - expected.keys()),
        of_another_shape=tuple(key for key in expected.keys() & state.keys() if expected[key].shape != state[key].shape),
    )
    if names == _TensorNames((), (), ()):
        network.load_state_dict(state, assign=True)
    return network, names


def _later_name(key: str) -> str:
    *before, layer, kind = key.split(".")
    if "attentions" in before and layer in _FORMER_NAMES and "transformer_blocks" not in before:
        return ".".join([*before, _FORMER_NAMES[layer], kind])
    return key
