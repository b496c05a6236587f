"""Log odds near a contour, from the sharp colours on both sides of it."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Array32 = NDArray[np.float32]
Mask = NDArray[np.bool_]

_BAND = 5  # px on both sides of the contour that are classified again
_SURE = 3.0  # px from the contour: from there on a pixel is an example
_REACH = 17  # px to the examples
_STRIDE = 2
_SPREAD = 0.6 * _REACH
_COLOUR = 4.0  # of Lab: how alike an example must be
_DOUBT = 0.02
_MOST = 4.0


def border_log_odds(lab: Array32, mask: Mask) -> Array32:
    """Log odds (h, w) of being inside: in a band about the contour by the colours of nearby examples, elsewhere certain."""
    inner, outer = _depth(mask), _depth(~mask)
    signed = np.where(mask, inner, -outer)
    inside, outside = (_examples(distance) for distance in (inner, outer))
    rows, columns = np.nonzero(np.abs(signed) <= _BAND)
    odds = np.where(mask, _MOST, -_MOST).astype(np.float32)
    if not len(rows) or mask.all():
        return odds
    sharp = np.asarray(cv2.GaussianBlur(lab, (0, 0), 0.5), dtype=np.float32)
    colour = sharp[rows, columns]
    padded = np.pad(sharp, ((_REACH, _REACH), (_REACH, _REACH), (0, 0)), mode="edge")
    sides = [np.pad(side, _REACH).astype(np.float32) for side in (inside, outside)]
    alike, near = np.zeros((2, len(rows)), np.float32), np.zeros((2, len(rows)), np.float32)
    for down in range(-_REACH, _REACH + 1, _STRIDE):
        for right in range(-_REACH, _REACH + 1, _STRIDE):
            square = down * down + right * right
            if square > _REACH * _REACH:
                continue
            place = rows + down + _REACH, columns + right + _REACH
            weight = np.float32(np.exp(-square / (2 * _SPREAD**2)))
            match = weight * np.exp(-((padded[place] - colour) ** 2).sum(axis=1) / (2 * _COLOUR**2))
            for side in range(2):
                example = sides[side][place]
                alike[side] += match * example
                near[side] += weight * example
    shares = alike / (near + 0.5) + _DOUBT
    odds[rows, columns] = np.log(shares[0] / shares[1]) + np.clip(signed[rows, columns] / _BAND, -1, 1)
    return np.clip(odds, -_MOST, _MOST)


def _depth(mask: Mask) -> Array32:
    """Distance (h, w) px to the nearest pixel outside the mask."""
    return np.asarray(cv2.distanceTransform(mask.astype(np.uint8), cv2.DIST_L2, 5), dtype=np.float32)


def _examples(distance: Array32) -> Mask:
    """Pixels (h, w) well away from the contour; of components too thin to have any, the medial axis."""
    ridge = (distance >= cv2.dilate(distance, np.ones((3, 3), np.uint8)) - 1e-3) & (distance > 0.9)
    return np.asarray((distance > _SURE) | ridge, dtype=bool)
