"""Positional encoding: coordinates as sines and cosines of rising frequency (Mildenhall 2020, equation 4)."""

from __future__ import annotations

import math

import torch
from torch import Tensor


def positional_encoding(values: Tensor, octaves: int) -> Tensor:
    """(n, c (2 octaves + 1)) of values (n, c) in about -1 to 1: the values themselves, then sin and cos of 2^k pi times them.

    The paper's equation leaves the values out, its code keeps them; sines of all coordinates come before cosines, octave by
    octave.
    """
    parts = [values]
    for octave in range(octaves):
        scaled = values * (math.pi * 2**octave)
        parts += [torch.sin(scaled), torch.cos(scaled)]
    return torch.cat(parts, dim=1)


def encoded_size(channels: int, octaves: int) -> int:
    """How many values `positional_encoding` makes of `channels`."""
    return channels * (2 * octaves + 1)
