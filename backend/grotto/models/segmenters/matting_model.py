"""ViTMatte (Yao et al., 2023): alpha matting in a band around the contour of a mask, hair and ribbons included.

BiRefNet would need code from the model's folder, which is never run. ViTMatte is part of transformers, its weights are
Apache-2.0, and its input is a trimap, which a mask and a band width give.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from ...contract import Progress
from ...fitting import choose_device
from ..loading import Architecture, finite, load_network, memory_problem
from .pixels import ALTERNATIVE, SHORTAGE_REMEDY, Triple, tensor_of

Colour = NDArray[np.uint8]
Array32 = NDArray[np.float32]

_ARCHITECTURE = Architecture(
    title="ViTMatte",
    library="transformers",
    network="VitMatteForImageMatting",
    model_types=("vitmatte",),
    allow_surplus=True,
)
_STEP_PX = 32
_TILE_PX, _OVERLAP_PX = 768, 96
_HALF: Triple = (0.5, 0.5, 0.5)


@dataclass(frozen=True)
class MattingModel:
    """The network on its device."""

    network: Any


def load_matting_model(folder: Path, report: Progress) -> MattingModel:
    """Load ViTMatte from a folder with its config and weights. Raises what `load_network` raises."""
    return MattingModel(load_network(folder, _ARCHITECTURE, choose_device(report)))


def matte(model: MattingModel, colour: Colour, alpha: Array32, band_px: int) -> Array32:
    """Solve opacity (h, w) of a picture (h, w, 3) of sRGB bytes within `band_px` of the contour of a rough `alpha` (h, w).

    Works in overlapping tiles, only where the contour passes, so that memory does not grow with the picture.
    """
    opaque = (alpha >= 0.5).astype(np.uint8)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * band_px + 1, 2 * band_px + 1))
    foreground, possible = cv2.erode(opaque, kernel), cv2.dilate(opaque, kernel)
    trimap = np.asarray((foreground.astype(np.float32) + possible.astype(np.float32)) / 2, dtype=np.float32)
    height, width = trimap.shape
    total, weight = np.zeros_like(trimap), np.zeros_like(trimap)
    step = _TILE_PX - _OVERLAP_PX
    for top in range(0, max(1, height - _OVERLAP_PX), step):
        for left in range(0, max(1, width - _OVERLAP_PX), step):
            window = np.s_[top : min(top + _TILE_PX, height), left : min(left + _TILE_PX, width)]
            if not (trimap[window] == 0.5).any():
                continue
            tile_weight = _tile_weight(*trimap[window].shape)
            total[window] += tile_weight * _solve_tile(model, np.ascontiguousarray(colour[window]), trimap[window])
            weight[window] += tile_weight
    solved = total / np.maximum(weight, 1e-6)
    return np.where((trimap == 0.5) & (weight > 0), solved, trimap.round()).astype(np.float32)


def _solve_tile(model: MattingModel, colour: Colour, trimap: Array32) -> Array32:
    height, width = trimap.shape
    device = model.network.device
    pixels = tensor_of(colour, (width, height), _HALF, _HALF, device)
    values = torch.cat([pixels, torch.from_numpy(trimap)[None, None].to(device)], dim=1)
    values = torch.nn.functional.pad(values, (0, -width % _STEP_PX, 0, -height % _STEP_PX))
    with torch.inference_mode(), memory_problem(SHORTAGE_REMEDY):
        alphas = finite(model.network(pixel_values=values).alphas, _ARCHITECTURE.title, ALTERNATIVE)[0, 0, :height, :width]
    return np.asarray(alphas.float().cpu().numpy(), dtype=np.float32).clip(0, 1)


def _tile_weight(height: int, width: int) -> Array32:
    """Weights (h, w) that decrease towards the sides of a tile, so that neighbouring tiles blend."""
    down, across = (
        np.minimum(np.arange(1, length + 1), np.arange(length, 0, -1)).clip(max=_OVERLAP_PX) for length in (height, width)
    )
    return (down[:, None] * across[None, :]).astype(np.float32)
