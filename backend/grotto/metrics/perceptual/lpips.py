"""LPIPS: distance of two pictures in the features of a trained network. Weights come from the user's files, never from us.

Zhang, Isola, Efros, Shechtman and Wang, The unreasonable effectiveness of deep features as a perceptual metric, 2018,
section 3, version 0.1 of its weights. Layers and paddings are those of AlexNet ("one weird trick", 2014) and VGG-16 (2014),
in the numbering of the state_dict files in which these weights are usually kept.
"""

from __future__ import annotations

import itertools
import pickle
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor
from torch.nn import functional

from ...contract import Action, bad_input, missing_resource


@dataclass(frozen=True)
class _Layer:
    """A convolution with its ReLU; `number` is its place in the usual `features` sequence."""

    number: int
    kernel: int
    stride: int = 1
    padding: int = 1
    pooled: int = 0  # side of the max-pooling before it, stride 2; 0 is none
    tapped: bool = True  # its activations are compared


_ALEX = (
    _Layer(0, 11, stride=4, padding=2),
    _Layer(3, 5, padding=2, pooled=3),
    _Layer(6, 3, pooled=3),
    _Layer(8, 3),
    _Layer(10, 3),
)
_VGG = tuple(
    _Layer(number, 3, pooled=2 if first and block else 0, tapped=last)
    for block, numbers in enumerate(((0, 2), (5, 7), (10, 12, 14), (17, 19, 21), (24, 26, 28)))
    for number, first, last in [(n, n == numbers[0], n == numbers[-1]) for n in numbers]
)
_NETWORKS = {"alex": _ALEX, "vgg": _VGG}
_LEAST_SIDE = {"alex": 32, "vgg": 16}  # px, below which the last layers see nothing

# The mean and spread of ImageNet's pixels, for values -1 to 1: constants of LPIPS' scaling layer.
_SHIFT = (-0.030, -0.088, -0.188)
_SPREAD = (0.458, 0.448, 0.450)


class Lpips(torch.nn.Module):
    """The measure with its weights, from `load_lpips`. Frozen; differentiable in the pictures."""

    shift: Tensor
    spread: Tensor

    def __init__(self, network: str, convolutions: Sequence[tuple[Tensor, Tensor]], heads: Sequence[Tensor]) -> None:
        super().__init__()
        self.network = network
        for index, (weight, bias) in enumerate(convolutions):
            self.register_buffer(f"weight_{index}", weight)
            self.register_buffer(f"bias_{index}", bias)
        for index, head in enumerate(heads):
            self.register_buffer(f"head_{index}", head)
        self.register_buffer("shift", torch.tensor(_SHIFT).view(1, 3, 1, 1))
        self.register_buffer("spread", torch.tensor(_SPREAD).view(1, 3, 1, 1))

    def forward(self, image: Tensor, reference: Tensor) -> Tensor:
        """Distance of two pictures (h, w, 3), values 0 to 1: a scalar tensor, 0 for equal ones.

        Raises ValueError where shapes differ or a side is too short for the network.
        """
        if image.shape != reference.shape:
            raise ValueError(f"pictures of {tuple(image.shape)} and {tuple(reference.shape)} cannot be compared")
        least = _LEAST_SIDE[self.network]
        if image.ndim != 3 or image.shape[-1] != 3 or min(image.shape[:2]) < least:
            raise ValueError(f"LPIPS compares pictures (h, w, 3) of at least {least} pixels, not {tuple(image.shape)}")
        total = torch.zeros_like(self.shift[0, 0, 0, 0])
        for index, (first, second) in enumerate(zip(self.activations(image), self.activations(reference), strict=True)):
            total = total + ((first - second) ** 2 * getattr(self, f"head_{index}")).sum(1).mean()
        return total

    def activations(self, picture: Tensor) -> list[Tensor]:
        """The compared activations (1, c, h, w), unit along channels (equation 1); a fit may keep those of its target."""
        values = (picture.movedim(-1, 0)[None].to(self.shift) * 2 - 1 - self.shift) / self.spread
        found = []
        for index, layer in enumerate(_NETWORKS[self.network]):
            if layer.pooled:
                values = functional.max_pool2d(values, layer.pooled, 2)
            weight, bias = getattr(self, f"weight_{index}"), getattr(self, f"bias_{index}")
            values = functional.relu(functional.conv2d(values, weight, bias, layer.stride, layer.padding))
            if layer.tapped:
                length = (values**2).sum(1, keepdim=True).clamp_min(1e-20).sqrt()  # clamped: sqrt has no slope at 0
                found.append(values / (length + 1e-10))
        return found


def load_lpips(network: str, files: Sequence[Path]) -> Lpips:
    """LPIPS with AlexNet ("alex") or VGG-16 ("vgg") from files that the user has.

    The files together hold the convolutions (`features.0.weight`, or `net.slice1.0.weight` as LPIPS itself saves them) and
    the five linear heads (`lin0.model.1.weight`), as .safetensors or as a state_dict of torch, read without running code.

    Raises a missing-resource problem where no file is given or one is not there (without weights there is no number), a
    bad-input problem where a file holds something else.
    """
    if network not in _NETWORKS:
        raise bad_input(f"there is no LPIPS network {network!r}", f"choose one of {', '.join(_NETWORKS)}")
    absent = [path.name for path in files if not path.is_file()]
    if not files or absent:
        cause = f"the weights {', '.join(absent)} are not there" if absent else "no weights are given"
        raise missing_resource(f"LPIPS is not available: {cause}", "name the files of its network and linear heads")
    state: dict[str, Tensor] = {}
    for path in files:
        state.update(_read(path))
    layers = _NETWORKS[network]
    convolutions = [_convolution(state, layer, network) for layer in layers]
    tapped = [weight.shape[0] for (weight, _), layer in zip(convolutions, layers, strict=True) if layer.tapped]
    heads = [_head(state, index, channels) for index, channels in enumerate(tapped)]
    for (before, _), (after, _) in itertools.pairwise(convolutions):
        if after.shape[1] != before.shape[0]:
            raise _unfit(f"a layer of {before.shape[0]} channels is followed by one for {after.shape[1]}")
    return Lpips(network, convolutions, heads)


def _read(path: Path) -> Mapping[str, Tensor]:
    try:
        if path.suffix == ".safetensors":
            return load_file(path)
        held = torch.load(path, map_location="cpu", weights_only=True)
    except (SafetensorError, pickle.UnpicklingError, RuntimeError, EOFError, ValueError) as error:
        raise bad_input(f"{path.name} holds no weights", "choose a .safetensors file or a state_dict of torch") from error
    state = held.get("state_dict", held) if isinstance(held, Mapping) else None
    if not isinstance(state, Mapping) or not all(isinstance(value, Tensor) for value in state.values()):
        raise bad_input(f"{path.name} holds no weights", "choose a .safetensors file or a state_dict of torch")
    return state


def _convolution(state: Mapping[str, Tensor], layer: _Layer, network: str) -> tuple[Tensor, Tensor]:
    weight = _found(state, rf"(features|net\.slice\d|net)\.{layer.number}\.weight", f"features.{layer.number}.weight")
    bias = _found(state, rf"(features|net\.slice\d|net)\.{layer.number}\.bias", f"features.{layer.number}.bias")
    if weight.ndim != 4 or tuple(weight.shape[2:]) != (layer.kernel, layer.kernel) or bias.shape != weight.shape[:1]:
        raise _unfit(f"features.{layer.number}.weight of {tuple(weight.shape)} is no layer of {network}")
    if layer.number == 0 and weight.shape[1] != 3:
        raise _unfit(f"its first layer looks at {weight.shape[1]} channels instead of 3")
    return weight.float(), bias.float()


def _head(state: Mapping[str, Tensor], index: int, channels: int) -> Tensor:
    name = f"lin{index}.model.1.weight"
    head = _found(state, rf"(lin{index}|lins\.{index})\.model\.1\.weight", name)
    if head.numel() != channels:
        raise _unfit(f"{name} weighs {head.numel()} channels, and the layer has {channels}")
    return head.float().reshape(1, channels, 1, 1)


def _found(state: Mapping[str, Tensor], pattern: str, usual: str) -> Tensor:
    for name, value in state.items():
        if re.fullmatch(pattern, name):
            return value
    raise _unfit(f"{usual} is missing")


def _unfit(cause: str) -> Exception:
    return bad_input(f"the weights do not fit LPIPS: {cause}", "choose the files of its network and linear heads", Action.NONE)
