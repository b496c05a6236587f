"""Pictures and masks at another size. Pixel centres lie at half pixels, whatever the size."""

from __future__ import annotations

from typing import TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from .bounds import Box

Array32 = NDArray[np.float32]
Bytes = NDArray[np.uint8]
P = TypeVar("P", np.float32, np.uint8)

_ROWS = 1024  # of a remapping at once: its maps take eight bytes a pixel


def reduced(picture: Array32 | Bytes, longest_px: int) -> tuple[Array32, float]:
    """The picture (h, w) or (h, w, c) reduced by area to `longest_px` on its longer side, and the scale; never enlarged."""
    height, width = picture.shape[:2]
    scale = longest_px / max(height, width)
    if scale >= 1:
        return np.asarray(picture, dtype=np.float32), 1.0
    size = max(1, round(width * scale)), max(1, round(height * scale))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), dtype=np.float32), scale


def reduced_bytes(picture: Bytes, scale: float) -> Bytes:
    """The picture (h, w) or (h, w, c) reduced by area by `scale`; the picture itself from 1 on."""
    if scale >= 1:
        return picture
    return area_resized(picture, max(1, round(picture.shape[1] * scale)), max(1, round(picture.shape[0] * scale)))


def area_resized(picture: NDArray[P], width: int, height: int) -> NDArray[P]:
    """The picture (h, w) or (h, w, c) at another size, averaged over areas."""
    return np.asarray(cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA), dtype=picture.dtype)


def fitted(picture: Array32, width: int, height: int) -> Array32:
    """The picture (h, w) or (h, w, c), values 0 to 1, at another size: averaged where that is smaller, else cubic."""
    method = cv2.INTER_AREA if max(width, height) < max(picture.shape[:2]) else cv2.INTER_CUBIC
    return np.clip(cv2.resize(picture, (width, height), interpolation=method), 0, 1)


def enlarged_window(coarse: Array32, shape: tuple[int, ...], rows: slice, columns: slice) -> Array32:
    """A window of a coarse mask at full size: bilinear, replicated at the border. shape: (h, w, ...) of the full picture."""
    if coarse.shape == shape[:2]:
        return coarse[rows, columns]
    x = (np.arange(columns.start, columns.stop, dtype=np.float32) + 0.5) * np.float32(coarse.shape[1] / shape[1]) - 0.5
    y = (np.arange(rows.start, rows.stop, dtype=np.float32) + 0.5) * np.float32(coarse.shape[0] / shape[0]) - 0.5
    map_x, map_y = np.meshgrid(x, y)
    return np.asarray(cv2.remap(coarse, map_x, map_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), dtype=np.float32)


def enlarged_mask(mask: Array32 | Bytes, corner: tuple[int, int], scale: tuple[float, float], box: Box) -> Array32:
    """A mask (h, w) of a reduced picture over a box of the full one, 0 to 1; 0 beyond the mask. Bilinear.

    corner: (left, top) of the mask on the reduced picture. scale: (across, down), full pixels for one of the reduced.
    """
    x = ((np.arange(box[0], box[2], dtype=np.float32) + 0.5) / np.float32(scale[0]) - 0.5) - corner[0]
    y = ((np.arange(box[1], box[3], dtype=np.float32) + 0.5) / np.float32(scale[1]) - 0.5) - corner[1]
    enlarged = np.empty((len(y), len(x)), np.float32)
    for row in range(0, len(y), _ROWS):
        map_x, map_y = np.meshgrid(x, y[row : row + _ROWS])
        values = cv2.remap(mask, map_x, map_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=0)
        enlarged[row : row + _ROWS] = values
    return np.divide(enlarged, np.float32(255), out=enlarged) if mask.dtype == np.uint8 else enlarged
