"""How far a patch of one picture lies from where it is in another, to a small part of a pixel."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Array32 = NDArray[np.float32]

LEAST_CORRELATION = 0.5  # below this, the two patches do not show the same thing


def patch_shift(template: Array32, picture: Array32) -> tuple[float, float] | None:
    """The shift (x, y) in pixels with picture(p + shift) ~ template(p); grey patches (h, w) of equal size.

    Brightness and contrast may differ. A phase correlation finds the whole pixels, then the enhanced correlation
    coefficient (Evangelidis and Psarakis 2008, OpenCV's) the parts. None where the patches do not agree.
    """
    height, width = template.shape
    window = np.asarray(cv2.createHanningWindow((width, height), cv2.CV_32F), dtype=np.float32)
    (x, y), _ = cv2.phaseCorrelate((template - template.mean()) * window, (picture - picture.mean()) * window)
    best: tuple[float, tuple[float, float]] | None = None
    for start in ((0.0, 0.0), (x, y)):
        found = _refined(template, picture, start)
        if found is not None and (best is None or found[0] > best[0]):
            best = found
    return best[1] if best is not None and best[0] >= LEAST_CORRELATION else None


def _refined(template: Array32, picture: Array32, start: tuple[float, float]) -> tuple[float, tuple[float, float]] | None:
    motion = np.array([[1, 0, start[0]], [0, 1, start[1]]], dtype=np.float32)
    everywhere = np.full(template.shape, 255, dtype=np.uint8)
    criteria = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, 100, 1e-6)
    try:
        score, found = cv2.findTransformECC(template, picture, motion, cv2.MOTION_TRANSLATION, criteria, everywhere, 1)
    except cv2.error:  # it did not converge: the patches do not agree from this start
        return None
    moved = np.asarray(found)
    return float(score), (float(moved[0, 2]), float(moved[1, 2]))
