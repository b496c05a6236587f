"""Mixing in torch, on the device that is given: nodes go there, pixels of the tile come back.

OpenCV places samples to 1/32 px, torch does not: between hard edges of paint a pixel may differ by some grey levels.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn.functional import grid_sample, interpolate

from ...contract import Progress
from ..lattice import TileLattice
from ..light import LINEAR, SRGB
from ..photo_cache import PhotoCache
from .looks import LEAST_WEIGHT, Look, Share, shares, span

OUTSIDE = 3.0  # in half photos from the photo's middle: beyond the border, where all places take the border's pixel


class TorchMix:
    """The engine, with the curve of sRGB on its device."""

    def __init__(self, device: torch.device) -> None:
        self.device = device
        self._linear, self._srgb = torch.from_numpy(LINEAR).to(device), torch.from_numpy(SRGB).to(device)

    def mix(self, looks: list[Look], lattice: TileLattice, photos: PhotoCache, report: Progress) -> NDArray[np.uint8]:
        """sRGB (height, width, 3) of the tile's pixels, the outermost nodes' cells left out."""
        rows, columns = looks[0].merit.shape
        height, width = (rows - 2) * lattice.step, (columns - 2) * lattice.step
        light = torch.zeros((3, height, width), device=self.device)
        weight = torch.full((height, width), LEAST_WEIGHT, device=self.device)
        for share in shares(looks):
            report.check()
            down, across = lattice.pixels_of(share.part)
            nodes = np.stack([share.column, share.row, share.weight, *_channels(share.factor), *_channels(share.change)])
            fine = _spread(torch.from_numpy(nodes).to(self.device), lattice.step)
            one = self._sampled(share, photos.pixels(share.look.view), fine[0], fine[1]) * fine[3:6] + fine[6:9]
            light[:, down, across] += fine[2] * one
            weight[down, across] += fine[2]
        levels = (light / weight).clamp(0.0, 1.0) * (len(SRGB) - 1) + 0.5
        return np.ascontiguousarray(self._srgb[levels.int()].permute(1, 2, 0).cpu().numpy())

    def _sampled(self, share: Share, pixels: NDArray[np.uint8], column: torch.Tensor, row: torch.Tensor) -> torch.Tensor:
        """Linear light (3, h, w) of the photo at its own (column, row) in px of full size, bicubic."""
        scales = pixels.shape[1] / share.look.size[0], pixels.shape[0] / share.look.size[1]
        left, right = span(share.column * scales[0] - 0.5, pixels.shape[1])  # between nodes no place is farther out
        top, bottom = span(share.row * scales[1] - 0.5, pixels.shape[0])
        part = torch.from_numpy(np.array(pixels[top:bottom, left:right])).to(self.device).permute(2, 0, 1).float()
        x = 2 * (column * scales[0] - (0.5 + left)) / max(right - left - 1, 1) - 1
        y = 2 * (row * scales[1] - (0.5 + top)) / max(bottom - top - 1, 1) - 1
        grid = torch.stack([x, y], dim=-1).nan_to_num(nan=-OUTSIDE).clamp(-OUTSIDE, OUTSIDE)
        found = grid_sample(part[None], grid[None], mode="bicubic", padding_mode="border", align_corners=True)[0]
        return self._linear[found.clamp(0.0, 255.0).round().int()]


def _channels(values: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.moveaxis(values, -1, 0)


def _spread(nodes: torch.Tensor, step: int) -> torch.Tensor:
    """As `TileLattice.spread`, of (channels, rows, columns)."""
    if step == 1:
        return nodes[:, 1:-1, 1:-1]
    size = [side * step for side in nodes.shape[1:]]
    return interpolate(nodes[None], size=size, mode="bilinear", align_corners=False)[0, :, step:-step, step:-step]
