"""Linear light from sRGB and back (IEC 61966-2-1): exposure and falloff are factors of light, not of grey levels."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

_STEPS = 16384  # fine enough that the darkest grey levels, where the curve is steepest, keep a fifth of a level


def to_linear(srgb: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Light 0 to 1 (h, w, 3) float32 of sRGB (h, w, 3) uint8."""
    return cv2.LUT(srgb, LINEAR).astype(np.float32, copy=False)


def to_srgb(light: NDArray[np.float32]) -> NDArray[np.uint8]:
    """sRGB grey levels, rounded, of light; what is below 0 or above 1 is cut."""
    return SRGB[(np.clip(light, 0.0, 1.0) * np.float32(_STEPS - 1) + np.float32(0.5)).astype(np.uint16)]


def _linear_table() -> NDArray[np.float32]:
    levels = np.arange(256) / 255.0
    return np.where(levels <= 0.04045, levels / 12.92, ((levels + 0.055) / 1.055) ** 2.4).astype(np.float32)


def _srgb_table() -> NDArray[np.uint8]:
    light = np.arange(_STEPS) / (_STEPS - 1)
    levels = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
    return np.rint(255.0 * levels).astype(np.uint8)


LINEAR = _linear_table()  # (256,) light of each grey level
SRGB = _srgb_table()  # (_STEPS,) grey levels of evenly spaced light
