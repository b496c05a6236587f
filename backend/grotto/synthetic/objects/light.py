"""sRGB's values and linear light (IEC 61966-2-1), both 0 to 1."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]


def linear_of_values(values: Array) -> Array:
    """Linear light of sRGB's values, any shape."""
    return np.where(values <= 0.04045, values / 12.92, ((np.maximum(values, 0.04045) + 0.055) / 1.055) ** 2.4).astype(np.float32)


def values_of_linear(light: Array) -> Array:
    """sRGB's values of linear light, any shape; light above 1 is cut, as a sensor does."""
    light = np.clip(light, 0, 1)
    return np.where(light <= 0.0031308, 12.92 * light, 1.055 * np.maximum(light, 1e-9) ** (1 / 2.4) - 0.055).astype(np.float32)
