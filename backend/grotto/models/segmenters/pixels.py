"""Prepare pictures for networks: resized, 0 to 1, normalised, channels first."""

from __future__ import annotations

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from ...contract import Action, bad_input

Colour = NDArray[np.uint8]
Triple = tuple[float, float, float]

IMAGENET_MEAN: Triple = (0.485, 0.456, 0.406)
IMAGENET_STD: Triple = (0.229, 0.224, 0.225)
# Remedies that all segmenters share.
ALTERNATIVE = "choose the segmenter classical"
SHORTAGE_REMEDY = "choose smaller tiles, or the segmenter classical"


def tensor_of(colour: Colour, size: tuple[int, int], mean: Triple, std: Triple, device: torch.device) -> torch.Tensor:
    """Make the input (1, 3, h, w) from a picture (h, w, 3) of sRGB bytes, resized to `size` (width, height)."""
    height, width = colour.shape[:2]
    if (width, height) != size:
        interpolation = cv2.INTER_AREA if size[0] * size[1] < width * height else cv2.INTER_LINEAR
        colour = np.asarray(cv2.resize(colour, size, interpolation=interpolation), dtype=np.uint8)
    values = (colour.astype(np.float32) / 255 - np.asarray(mean, np.float32)) / np.asarray(std, np.float32)
    return torch.from_numpy(np.ascontiguousarray(values.transpose(2, 0, 1)))[None].to(device)


def triple(values: object, default: Triple) -> Triple:
    """Read three numbers of a preparation file; `default` where it names none."""
    if values is None:
        return default
    if not isinstance(values, list) or len(values) != 3 or not all(isinstance(value, int | float) for value in values):
        raise bad_input(
            f"the model's preparation has the colour values {values} instead of three numbers",
            "install the model again",
            Action.NONE,
        )
    return float(values[0]), float(values[1]), float(values[2])
