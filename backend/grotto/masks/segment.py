"""An element cut out of a busy picture, by a box and strokes."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from .edges import soft_edges
from .hints import Hints, check_hints, fitted_hints
from .reduced import reduced
from .rules import drop_specks, fill_holes

Array32 = NDArray[np.float32]

WORK_PX = 512


def segment(colour: Array32, hints: Hints) -> Array32:
    """Opacity (h, w) of the element on a picture (h, w, 3) of sRGB values 0 to 1.

    Outside the box nothing is kept. Solved on a picture of at most WORK_PX; only the contour's surroundings are looked
    at in full resolution. Graph cut over colour models: Rother et al., GrabCut, 2004.
    """
    check_hints(hints, colour.shape[1], colour.shape[0])
    small, scale = reduced(colour, WORK_PX)
    height, width = small.shape[:2]
    said = fitted_hints(hints, width, height, scale)
    labels = np.full((height, width), cv2.GC_PR_FGD if said.box is not None else cv2.GC_PR_BGD, np.uint8)
    left, top, right, bottom = said.box or (0.2 * width, 0.2 * height, 0.8 * width, 0.8 * height)
    inside = np.zeros((height, width), dtype=bool)
    inside[max(0, round(top)) : max(0, round(bottom)), max(0, round(left)) : max(0, round(right))] = True
    labels[~inside] = cv2.GC_BGD if said.box is not None else cv2.GC_PR_BGD
    labels[inside] = cv2.GC_PR_FGD
    if said.subject is not None:
        labels[said.subject] = cv2.GC_FGD
    if said.background is not None:
        labels[said.background] = cv2.GC_BGD
    cv2.setRNGSeed(0)
    pixels = np.clip(small[..., ::-1] * 255, 0, 255).astype(np.uint8)
    cv2.grabCut(pixels, labels, (0, 0, 1, 1), np.zeros((1, 65)), np.zeros((1, 65)), 5, cv2.GC_INIT_WITH_MASK)
    mask = (labels & 1) > 0
    mask = drop_specks(fill_holes(mask, 2e-5 * mask.size), 1e-4 * mask.size, said.subject)
    return soft_edges(colour, mask.astype(np.float32), 1.0 + 1.5 * (1 / scale - 1))
