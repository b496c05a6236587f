"""ZeroRF: frozen noise, a deep decoder, vector-matrix planes (Shi et al. 2024; paper 000 uses it for six views).

The generator is trained on the given pictures alone. The prior is that a convolutional decoder fits smooth structure early and
noise late. This is our form of it, for some hundred steps on a CPU: planes share one decoder and lines another, factors are
summed, colour does not depend on the direction. `published.py` has the authors' own, to compare with.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from .factors import NodeLookup
from .node_values import NodeValues

NOISE_CHANNELS = 8  # zerorf.py
FEATURES = 16  # output channels of the decoder, zerorf.py
HIDDEN = 64  # of the head, zerorf.py
WIDTHS = (32, 32, 24, 16)  # from the coarse end; published: 256, 128, 64, 64, 32. Smaller ones converge in fewer steps
UPSAMPLINGS = 3  # published: 4
LEARNING_RATE = 2e-3  # opt.py, with weight decay and betas below
WEIGHT_DECAY = 0.2
BETAS = (0.9, 0.98)
AVERAGE = 0.95  # decay of the averaged weights, which vary less from step to step
GROUPS = 8
FIRST_RAW = 3.0  # raw density at the start: nearly opaque hulls converge in half the steps of nearly clear ones


class ZeroRF(NodeValues):
    """Raw values (n, 4) of live nodes from frozen noise."""

    def __init__(self, triples: Tensor, side: int, *, half_precision: bool) -> None:
        """triples (n, 3): the live nodes on a lattice of at most `side` nodes a side. half_precision: bfloat16 convolutions.

        Noise and first weights come from torch's generator: seed it.
        """
        super().__init__()
        coarse = -(-side // 2**UPSAMPLINGS)
        self.half_precision = half_precision
        self._lookup = NodeLookup(triples, coarse * 2**UPSAMPLINGS)
        self.planes, self.lines = _Decoder(2), _Decoder(1)
        self.head = torch.nn.Sequential(torch.nn.Linear(FEATURES, HIDDEN), torch.nn.SiLU(), torch.nn.Linear(HIDDEN, 4))
        self.register_buffer("plane_noise", torch.randn(3, NOISE_CHANNELS, coarse, coarse))
        self.register_buffer("line_noise", torch.randn(3, NOISE_CHANNELS, coarse))
        self.register_buffer("_first", torch.tensor([FIRST_RAW, 0.0, 0.0, 0.0]), persistent=False)

    def forward(self, wanted: Tensor | None = None) -> Tensor:
        kind = self.plane_noise.device.type
        with torch.autocast(str(kind), torch.bfloat16, enabled=self.half_precision):
            planes, lines = self.planes(self.plane_noise), self.lines(self.line_noise)
        flat = planes.float().flatten(2).transpose(1, 2)
        return self.head(self._lookup(flat, lines.float().transpose(1, 2), wanted)) + self._first

    def penalty(self) -> Tensor | float:
        return 0.0  # the generator is the prior


class _Decoder(torch.nn.Module):
    """Noise (3, 8, coarse...) to factors (3, 16, coarse * 8...); the three factors share the weights, not the noise."""

    def __init__(self, dimensions: int) -> None:
        super().__init__()
        convolution = torch.nn.Conv2d if dimensions == 2 else torch.nn.Conv1d
        layers: list[torch.nn.Module] = [convolution(NOISE_CHANNELS, WIDTHS[0], 3, padding=1)]
        before = WIDTHS[0]
        for level, width in enumerate(WIDTHS):
            layers.append(_Residual(before, width, convolution))
            if level < UPSAMPLINGS:
                layers += [torch.nn.Upsample(scale_factor=2), convolution(width, width, 3, padding=1)]
            before = width
        layers += [torch.nn.GroupNorm(GROUPS, before), torch.nn.SiLU(), convolution(before, FEATURES, 3, padding=1)]
        self.layers = torch.nn.Sequential(*layers)

    def forward(self, noise: Tensor) -> Tensor:
        return self.layers(noise)


class _Residual(torch.nn.Module):
    """Two normalised convolutions and a shortcut, as in the decoders of image autoencoders."""

    def __init__(self, before: int, width: int, convolution: type[torch.nn.Conv1d] | type[torch.nn.Conv2d]) -> None:
        super().__init__()
        self.first_norm, self.first = torch.nn.GroupNorm(GROUPS, before), convolution(before, width, 3, padding=1)
        self.second_norm, self.second = torch.nn.GroupNorm(GROUPS, width), convolution(width, width, 3, padding=1)
        self.short = convolution(before, width, 1) if before != width else torch.nn.Identity()

    def forward(self, values: Tensor) -> Tensor:
        inner = self.first(functional.silu(self.first_norm(values)))
        return self.second(functional.silu(self.second_norm(inner))) + self.short(values)
