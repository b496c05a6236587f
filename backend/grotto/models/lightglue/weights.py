"""ALIKED and LightGlue as kornia builds them, with the weights that the user installed.

kornia's own ways to fetch weights are not used: nothing is loaded but what the registry keeps.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from ..loading import missing_file, other_version
from ..registry import check_weights_file, find

LIGHTGLUE_ALIKED = "lightglue-aliked"  # in the registry
ALIKED_FILE, LIGHTGLUE_FILE = "aliked-n16.safetensors", "aliked_lightglue.safetensors"
_DESCRIPTOR = 128  # numbers of an ALIKED descriptor
# Filled when the network is built, and in no file: thresholds by layer, and offsets within a patch.
_COMPUTED = {"confidence_thresholds", "dkd.hw_grid"}
_FORMER_BLOCK = re.compile(r"^(self_attn|cross_attn)\.(\d+)\.")


def load_aliked(device: torch.device | None = None) -> nn.Module:
    """ALIKED n16 (Zhao et al., 2023). Raises a missing resource where it is not installed, bad input where it is damaged."""
    return _filled(build_aliked(), find(LIGHTGLUE_ALIKED).folder / ALIKED_FILE, "ALIKED").to(device)


def load_lightglue(device: torch.device | None = None) -> nn.Module:
    """LightGlue for ALIKED (Lindenberger et al., 2023). Raises what `load_aliked` does."""
    return _filled(build_lightglue(), find(LIGHTGLUE_ALIKED).folder / LIGHTGLUE_FILE, "LightGlue").to(device)


def build_aliked(seed: int = 0) -> nn.Module:
    """ALIKED n16 with random weights; torch's own random numbers stay as they are. How many points: see `aliked_points`."""
    from kornia.feature import ALIKED  # here: a second of imports, which only who runs it waits for

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network: nn.Module = ALIKED("aliked-n16", max_num_keypoints=1024, detection_threshold=0)
    return network.eval()


def build_lightglue(seed: int = 0, **settings: Any) -> nn.Module:
    """LightGlue with random weights and kornia's settings, some of them replaced."""
    from kornia.feature import LightGlue

    make: Any = LightGlue  # its types know no None

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network: nn.Module = make(None, **{"input_dim": _DESCRIPTOR, **settings})  # None: kornia fetches no weights
    return network.eval()


def _filled(network: nn.Module, path: Path, title: str) -> nn.Module:
    """The network with the weights of a file. Raises bad input, with names, where the file holds others than its own."""
    from safetensors.torch import load_file

    if not path.is_file():
        raise missing_file(title, path)
    check_weights_file(path, f"{path.parent.name}/{path.name}")
    state = {later_name(name): tensor for name, tensor in load_file(path).items()}
    expected: dict[str, Tensor] = network.state_dict()
    faults = {
        "are missing": expected.keys() - state.keys() - _COMPUTED,
        "are unknown": state.keys() - expected.keys(),
        "have another shape": {name for name in expected.keys() & state.keys() if expected[name].shape != state[name].shape},
    }
    causes = [f"{len(names)} tensors {fault} (the first is {min(names)})" for fault, names in faults.items() if names]
    if causes:
        raise other_version(title, ", ".join(causes))
    network.load_state_dict(state, strict=False)
    return network.eval()


def later_name(name: str) -> str:
    """A tensor's name as kornia has it: the published file counts blocks of attention by kind, kornia by layer."""
    return _FORMER_BLOCK.sub(r"transformers.\2.\1.", name)
