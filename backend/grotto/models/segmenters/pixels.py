"""Pictures as networks want them: resized, 0 to 1, shifted and scaled, channels first."""

from __future__ import annotations

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from ...contract import Action, bad_input

Colour = NDArray[np.uint8]
Triple = tuple[float, float, float]

IMAGENET_MEAN: Triple = (0.485, 0.456, 0.406)
IMAGENET_SPREAD: Triple = (0.229, 0.224, 0.225)


def tensor_of(colour: Colour, size: tuple[int, int], mean: Triple, spread: Triple, device: torch.device) -> torch.Tensor:
    """(1, 3, h, w) of a picture (h, w, 3) of sRGB bytes at `size` (width, height)."""
    height, width = colour.shape[:2]
    if (width, height) != size:
        how = cv2.INTER_AREA if size[0] * size[1] < width * height else cv2.INTER_LINEAR
        colour = np.asarray(cv2.resize(colour, size, interpolation=how), dtype=np.uint8)
    values = (colour.astype(np.float32) / 255 - np.asarray(mean, np.float32)) / np.asarray(spread, np.float32)
    return torch.from_numpy(np.ascontiguousarray(values.transpose(2, 0, 1)))[None].to(device)


def triple(values: object, otherwise: Triple) -> Triple:
    """Three numbers of a preparation file."""
    if values is None:
        return otherwise
    if not isinstance(values, list) or len(values) != 3 or not all(isinstance(value, int | float) for value in values):
        raise bad_input(f"the model's preparation asks for the colours {values}", "install the model again", Action.NONE)
    return float(values[0]), float(values[1]), float(values[2])
