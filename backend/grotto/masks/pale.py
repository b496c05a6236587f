"""Figures hardly darker than the paper they stand on, found by their rim."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from .components import connected_components

Array32 = NDArray[np.float32]
Mask = NDArray[np.bool_]

_BLUR_PX = 1.2
_LEAST_STEP = 1.4 / 255  # of sRGB values: nothing finer is in an 8-bit picture
_STEP = 4.0  # spreads of the ground
_CLEAN = 1.2 / 255  # spread, above which the ground is too rough for it
_SPECK_PX = 2  # radius: thinner differences are compression beside dark lines
_STRONG, _BESIDE_PX = 0.03, 10.0  # compression rings as far as this beside what differs so much
_LEAST, _LEAST_SHARE = 0.004, 0.25  # of the picture, and of what was found without
_RIM = 0.1  # of the difference, by which it must change from one pixel to the next at its rim: light that falls off does less


def find_pale(residual: Array32, spread: float, mask: Mask) -> Mask | None:
    """What differs from the ground by less than a mask (h, w) needs but has a sharp rim; None where there is no such thing.

    residual: (h, w, 3) the picture less its ground, sRGB values 0 to 1. spread: of the ground's own colour.
    """
    if spread > _CLEAN:
        return None
    off = np.abs(np.asarray(cv2.GaussianBlur(residual, (0, 0), _BLUR_PX), dtype=np.float32)).max(axis=2)
    strong = (np.abs(residual).max(axis=2) > _STRONG).astype(np.uint8)
    beside = cv2.distanceTransform(1 - strong, cv2.DIST_L2, 5) <= _BESIDE_PX if strong.any() else strong > 0
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * _SPECK_PX + 1, 2 * _SPECK_PX + 1))
    differs = cv2.morphologyEx((off > max(_LEAST_STEP, _STEP * spread)).astype(np.uint8), cv2.MORPH_OPEN, disc) > 0
    labels, statistics = connected_components(differs & ~beside)
    kept = np.zeros(len(statistics), dtype=bool)
    slope = np.hypot(cv2.Sobel(off, cv2.CV_32F, 1, 0, ksize=3), cv2.Sobel(off, cv2.CV_32F, 0, 1, ksize=3)) / 8
    for label in np.flatnonzero(statistics[:, 4] >= _LEAST * mask.size):
        own = labels == label
        rim = own & ~(cv2.erode(own.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0)
        kept[label] = rim.any() and float(np.median(slope[rim])) > _RIM * float(np.median(off[own]))
    kept[0] = False
    pale = kept[labels]
    if pale.sum() < max(_LEAST * mask.size, _LEAST_SHARE * mask.sum()):
        return None
    size = 2 * round(_BESIDE_PX) + 1
    grown = cv2.dilate(pale.astype(np.uint8), cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))) > 0
    return np.asarray(grown & differs & ~mask)
