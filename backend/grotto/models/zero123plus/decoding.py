"""From latents to the sheet of views, and from the sheet to its six tiles."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ...contract import bad_input
from .loading import Networks

# Zero123++'s own scaling of latents and pictures while it was trained (its published pipeline, scale_latents, scale_image).
_LATENT_SHIFT, _LATENT_SCALE, _PICTURE_SCALE = 0.22, 0.75, 0.5 / 0.8
ROWS, COLUMNS = 3, 2


def decoder_input(latents: Tensor, scaling_factor: float) -> Tensor:
    """What the autoencoder decodes: the sampler's latents without their training-time scaling and the autoencoder's own."""
    return (latents / _LATENT_SCALE + _LATENT_SHIFT) / scaling_factor


@torch.no_grad()
def decode(networks: Networks, latents: Tensor) -> Tensor:
    """The autoencoder's picture (1, 3, H, W) of the sampler's latents, before the picture's own scaling is undone."""
    return networks.vae.decode(decoder_input(latents, networks.vae.config.scaling_factor).float(), return_dict=False)[0]


def sheet_of(decoded: Tensor) -> NDArray[np.float32]:
    """The sheet (H, W, 3), 0 to 1, of what the autoencoder decoded (1, 3, H, W)."""
    values = (decoded / _PICTURE_SCALE / 2 + 0.5).clamp(0, 1)
    return values[0].permute(1, 2, 0).float().cpu().numpy()


def split_sheet(sheet: NDArray[np.float32]) -> NDArray[np.float32]:
    """The six views (6, v, v, 3) of a sheet (3 v, 2 v, 3): row by row, view k at row k // 2 and column k % 2.

    Raises a bad-input problem where the sheet is not three rows of two squares.
    """
    height, width = sheet.shape[:2]
    side = width // COLUMNS
    if sheet.ndim != 3 or side < 1 or width != COLUMNS * side or height != ROWS * side:
        raise bad_input(f"a picture of {width} x {height} px is no sheet of 3 x 2 square views", "choose a sheet of six views")
    tiles = sheet.reshape(ROWS, side, COLUMNS, side, sheet.shape[2]).swapaxes(1, 2)
    return np.ascontiguousarray(tiles.reshape(ROWS * COLUMNS, side, side, sheet.shape[2]))
