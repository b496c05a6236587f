"""Pictures at a working size: reduced by area, as a whole picture's long side asks."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray


def reduced(picture: NDArray[np.float32] | NDArray[np.uint8], longest_px: int) -> tuple[NDArray[np.float32], float]:
    """The picture (h, w) or (h, w, c) reduced to `longest_px` on its longer side, and the scale; never enlarged."""
    height, width = picture.shape[:2]
    scale = longest_px / max(height, width)
    if scale >= 1:
        return np.asarray(picture, dtype=np.float32), 1.0
    size = max(1, round(width * scale)), max(1, round(height * scale))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), dtype=np.float32), scale
