"""The decoders of the published ZeroRF: image autoencoders' decoders in two dimensions, plain convolutions in one.

Planes: the decoder of `diffusers` (AutoencoderKL) with attention at its coarse end, one layer a block and the authors' first
values (convolutions by He, the second of each residual block zero). Lines: the authors' arch_1d.py.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

NOISE_CHANNELS = 8
_EPSILON = 1e-6


@dataclass(frozen=True, kw_only=True)
class Widths:
    """Channels from the coarse end to the fine one, and the groups in which they are normalised."""

    planes: tuple[int, ...]  # each but the last is followed by an upsampling
    plane_groups: int
    lines: tuple[int, ...]
    line_groups: int


class PlaneDecoder(nn.Module):
    """Frozen noise (1, 8, n, n) to a plane (1, features, 16 n, 16 n)."""

    def __init__(self, noise_side: int, features: int, widths: Widths) -> None:
        super().__init__()
        self.register_buffer("noise", torch.randn(1, NOISE_CHANNELS, noise_side, noise_side))
        first, groups = widths.planes[0], widths.plane_groups
        layers: list[nn.Module] = [
            nn.Conv2d(NOISE_CHANNELS, first, 3, padding=1),
            _Residual(first, first, groups),
            _Attention(first, groups),
            _Residual(first, first, groups),
        ]
        before = first
        for number, width in enumerate(widths.planes):
            layers += [_Residual(before, width, groups), _Residual(width, width, groups)]
            if number < len(widths.planes) - 1:
                layers += [nn.Upsample(scale_factor=2), nn.Conv2d(width, width, 3, padding=1)]
            before = width
        layers += [nn.GroupNorm(groups, before, _EPSILON), nn.SiLU(), nn.Conv2d(before, features, 3, padding=1)]
        self.layers = nn.Sequential(*layers)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
                if module.bias is not None:
                    nn.init.zeros_(module.bias)
        for module in self.modules():
            if isinstance(module, _Residual):
                nn.init.zeros_(module.second.weight)

    def forward(self) -> Tensor:
        return self.layers(self.get_buffer("noise"))


class LineDecoder(nn.Module):
    """Frozen noise (1, 8, n) to a line (1, features, 16 n, 1)."""

    def __init__(self, noise_side: int, features: int, widths: Widths) -> None:
        super().__init__()
        self.register_buffer("noise", torch.randn(1, NOISE_CHANNELS, noise_side))
        lines = widths.lines
        self.first = nn.Conv1d(NOISE_CHANNELS, lines[0], 3, padding=1, bias=False)
        self.blocks = nn.ModuleList(
            nn.Sequential(nn.Conv1d(before, width, 3, padding=1, bias=False), nn.GroupNorm(widths.line_groups, width), nn.SiLU())
            for before, width in itertools.pairwise(lines)
        )
        self.last = nn.Conv1d(lines[-1], features, 3, padding=1, bias=False)

    def forward(self) -> Tensor:
        noise = self.get_buffer("noise")
        values, side = self.first(noise), noise.shape[-1]
        for number, block in enumerate(self.blocks):
            scale = 2 ** min(number + 1, 4)  # 2, 4, 8, 16, 16
            values = functional.interpolate(block(values), size=scale * side, mode="linear", align_corners=False)
        return functional.silu(self.last(values))[..., None]


class _Residual(nn.Module):
    """Two normalised convolutions next to a short cut."""

    def __init__(self, before: int, width: int, groups: int) -> None:
        super().__init__()
        self.first_norm, self.second_norm = nn.GroupNorm(groups, before, _EPSILON), nn.GroupNorm(groups, width, _EPSILON)
        self.first, self.second = nn.Conv2d(before, width, 3, padding=1), nn.Conv2d(width, width, 3, padding=1)
        self.short = nn.Conv2d(before, width, 1) if before != width else nn.Identity()

    def forward(self, values: Tensor) -> Tensor:
        inner = self.first(functional.silu(self.first_norm(values)))
        return self.second(functional.silu(self.second_norm(inner))) + self.short(values)


class _Attention(nn.Module):
    """Self-attention with one head between all places of a coarse plane, next to a short cut."""

    def __init__(self, width: int, groups: int) -> None:
        super().__init__()
        self.norm = nn.GroupNorm(groups, width, _EPSILON)
        self.query, self.key, self.value = (nn.Linear(width, width) for _ in range(3))
        self.out = nn.Linear(width, width)

    def forward(self, values: Tensor) -> Tensor:
        flat = self.norm(values).flatten(2).transpose(1, 2)
        scores = self.query(flat) @ self.key(flat).transpose(1, 2) / math.sqrt(values.shape[1])
        mixed = self.out(scores.softmax(-1) @ self.value(flat))
        return values + mixed.transpose(1, 2).reshape(values.shape)
