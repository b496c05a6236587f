"""ViTMatte (Yao et al., 2023): the soft opacity in a band about a mask's contour, hair and ribbons included.

BiRefNet needs code of its own that transformers has not, and we run no code from a model's folder; ViTMatte is part of
transformers, its weights are Apache-2.0, and it takes what we have: a mask and how far it may be wrong.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from .loading import load_network, memory_told, numbers
from .pixels import Triple, tensor_of

Colour = NDArray[np.uint8]
Array32 = NDArray[np.float32]

NAME = "ViTMatte"
STEP_PX = 32
_TILE_PX, _SHARED_PX = 768, 96
_HALF: Triple = (0.5, 0.5, 0.5)


@dataclass(frozen=True)
class MattingModel:
    network: Any


def load_matting_model(folder: Path) -> MattingModel:
    """ViTMatte from a folder with `config.json` and `model.safetensors`. Raises what `load_network` raises."""
    return MattingModel(load_network(folder, "VitMatteForImageMatting", ("vitmatte",)))


def matte(model: MattingModel, colour: Colour, alpha: Array32, band_px: int) -> Array32:
    """Opacity (h, w) of a picture (h, w, 3) of sRGB bytes from one that may be wrong `band_px` about its contour.

    Solved in tiles, of which only those with a contour are looked at, so that memory does not grow with the picture.
    """
    inside = (alpha >= 0.5).astype(np.uint8)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * band_px + 1, 2 * band_px + 1))
    sure, possible = cv2.erode(inside, kernel), cv2.dilate(inside, kernel)
    trimap = np.asarray((sure.astype(np.float32) + possible.astype(np.float32)) / 2, dtype=np.float32)
    height, width = trimap.shape
    total, weight = np.zeros_like(trimap), np.zeros_like(trimap)
    step = _TILE_PX - _SHARED_PX
    for top in range(0, max(1, height - _SHARED_PX), step):
        for left in range(0, max(1, width - _SHARED_PX), step):
            window = np.s_[top : min(top + _TILE_PX, height), left : min(left + _TILE_PX, width)]
            part = trimap[window]
            if not (part == 0.5).any():
                continue
            share = _share(*part.shape)
            total[window] += share * _tile(model, np.ascontiguousarray(colour[window]), part)
            weight[window] += share
    solved = total / np.maximum(weight, 1e-6)
    return np.where((trimap == 0.5) & (weight > 0), solved, trimap.round()).astype(np.float32)


def _tile(model: MattingModel, colour: Colour, trimap: Array32) -> Array32:
    height, width = trimap.shape
    device = next(model.network.parameters()).device
    pixels = tensor_of(colour, (width, height), _HALF, _HALF, device)
    values = torch.cat([pixels, torch.from_numpy(trimap)[None, None].to(device)], dim=1)
    values = torch.nn.functional.pad(values, (0, -width % STEP_PX, 0, -height % STEP_PX))
    with torch.inference_mode(), memory_told():
        found = numbers(model.network(pixel_values=values).alphas, NAME)[0, 0, :height, :width]
    return np.asarray(found.float().cpu().numpy(), dtype=np.float32).clip(0, 1)


def _share(height: int, width: int) -> Array32:
    """Weights (h, w) that fall off to the tile's sides, so that tiles pass into each other."""
    down, across = (
        np.minimum(np.arange(1, length + 1), np.arange(length, 0, -1)).clip(max=_SHARED_PX) for length in (height, width)
    )
    return (down[:, None] * across[None, :]).astype(np.float32)
