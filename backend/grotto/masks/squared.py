"""Elements as square pictures: for thumbnails and for models that take squares."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]


def squared(picture: Bytes, side_px: int, margin: float) -> Bytes:
    """RGBA (side_px, side_px, 4): the picture whole, in the middle, on nothing; resized with its alpha multiplied in."""
    inner = side_px * (1 - 2 * margin)
    scale = inner / max(picture.shape[:2])
    size = max(1, round(picture.shape[1] * scale)), max(1, round(picture.shape[0] * scale))
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    alpha = picture[..., 3:].astype(np.float32) / 255
    fitted = cv2.resize(np.dstack([picture[..., :3] * alpha, alpha]), size, interpolation=how)
    straight = fitted[..., :3] / np.maximum(fitted[..., 3:], 1e-4)
    sheet = np.zeros((side_px, side_px, 4), np.uint8)
    y, x = (side_px - size[1]) // 2, (side_px - size[0]) // 2
    values = np.dstack([straight, fitted[..., 3:] * 255])
    sheet[y : y + size[1], x : x + size[0]] = (np.clip(values, 0, 255) + 0.5).astype(np.uint8)
    sheet[sheet[..., 3] == 0] = 0
    return sheet
