"""The normal generator of Zero123++ v1.2: a ControlNet that draws the normals of a sheet, and with them its objects' outlines.

Its publishers' way to mattes (zero123plus, examples/normal_gen.py and matting_postprocess.py): the sheet controls a second
sampling of the same condition; where a normal has length, there is an object. They then solve closed-form matting; here the edge
is un-mixed as for all masks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ...contract import bad_input
from ...masks import soft_edges
from ..loading import Architecture, load_network, other_version
from .weights import TITLE, Networks

_CONTROL = Architecture(
    title=f"{TITLE}'s normal generator",
    library="diffusers",
    network="ControlNetModel",
    model_types=("ControlNetModel",),
    weights="diffusion_pytorch_model.safetensors",
)
_OBJECT, _GROUND = 0.6, 0.2  # lengths of normals, from which a pixel is surely of the object, and up to which of the ground
_ERODED_PX = 4
_LEAST_GROUND = 0.05  # of a sheet: with less of it, the normals are none


@dataclass(frozen=True)
class NormalGenerator:
    """The ControlNet, on the device and in the precision of the networks that it controls."""

    network: Any

    def residuals(self, latents: Tensor, timestep: Tensor, prompt: Tensor, sheet: Tensor) -> Mapping[str, Any]:
        """What it adds to the UNet's skip connections and middle, as the UNet's arguments.

        latents (b, 4, H, W) and prompt (b, n, c): the reading pass's own. sheet: (1, 3, 8 H, 8 W), -1 to 1.
        """
        down, middle = self.network(
            latents,
            timestep,
            encoder_hidden_states=prompt,
            controlnet_cond=sheet.to(latents).expand(len(latents), -1, -1, -1),
            conditioning_scale=1.0,
            return_dict=False,
        )
        return {"down_block_additional_residuals": down, "mid_block_additional_residual": middle}


def load_normal_generator(weights: Path, networks: Networks) -> NormalGenerator:
    """Load the ControlNet from a folder for networks that are loaded; raises the problems of `load_network`.

    Raises bad input where it belongs to other networks.
    """
    network = load_network(weights, _CONTROL, networks.device, dtype=networks.dtype).requires_grad_(False)
    widths = network.config.cross_attention_dim, networks.unet.config.cross_attention_dim
    if widths[0] != widths[1] or network.config.in_channels != networks.unet.config.in_channels:
        raise other_version(_CONTROL.title, f"its width is {widths[0]} and that of the UNet {widths[1]}")
    return NormalGenerator(network)


def control_picture(sheet: NDArray[np.float32]) -> Tensor:
    """The sheet (H, W, 3), 0 to 1, as the ControlNet's input (1, 3, H, W), -1 to 1, in steps of 8 bits."""
    values = np.rint(sheet * 255).astype(np.float32) / 255
    return torch.from_numpy((values - 0.5) / 0.5).permute(2, 0, 1)[None].contiguous()


def alpha_of_normals(sheet: NDArray[np.float32], normals: NDArray[np.float32]) -> NDArray[np.float32]:
    """Opacity (H, W) of the objects on a sheet (H, W, 3) by its normals (H, W, 3), components -1 to 1 coded as 0 to 1.

    Raises bad input where the normals leave no ground, as those of broken weights do.
    """
    length = np.linalg.norm(normals.astype(np.float64) * 2 - 1, axis=2)
    window = np.ones((_ERODED_PX, _ERODED_PX), np.uint8)
    inner, outer = (
        cv2.erode(sure.astype(np.uint8), window, borderType=cv2.BORDER_CONSTANT, borderValue=1) > 0
        for sure in (length > _OBJECT, length < _GROUND)
    )
    if outer.mean() < _LEAST_GROUND:
        raise bad_input(
            "the normal generator drew no ground", "verify its weights with `grotto models verify zero123plus-normals-v1.2`"
        )
    between = length >= 0.5 * (_OBJECT + _GROUND)
    coarse = (inner | (between & ~outer)).astype(np.float32)
    return soft_edges(sheet, coarse, float(_ERODED_PX))
