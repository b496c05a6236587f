"""Painted lines as relief: dark lines sink in, light ones stand out."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

_FINE, _COARSE = 0.0016, 0.008  # of the longer side: between these lie ink lines and folds, not grain and not whole garments
_DEEPEST = 0.012  # of the longer side, at full detail, for a line of half the brightness around it
_FADE = 0.02  # of the longer side: detail grows from the rim inwards over this height


def painted_detail(
    colour: NDArray[np.float32], places: NDArray[np.float64], heights: NDArray[np.float64], strength: float
) -> NDArray[np.float64]:
    """Relief (n,) px to add to heights (n,) px at places (n, 2) px of a picture (h, w, 3).

    A band-pass of log luminance between grain and garments; it vanishes at the rim, where heights are 0.
    """
    longest = max(colour.shape[:2])
    luminance = np.log(colour @ np.array([0.2126, 0.7152, 0.0722], np.float32) + 0.05)
    band = cv2.GaussianBlur(luminance, (0, 0), max(0.5, _FINE * longest)) - cv2.GaussianBlur(luminance, (0, 0), _COARSE * longest)
    rows = np.clip(places[:, 1].astype(int), 0, colour.shape[0] - 1)
    columns = np.clip(places[:, 0].astype(int), 0, colour.shape[1] - 1)
    halvings = np.clip(band[rows, columns] / np.log(2), -1, 1)
    fade = np.minimum(heights / (_FADE * longest), 1.0)
    return strength * _DEEPEST * longest * halvings * fade
