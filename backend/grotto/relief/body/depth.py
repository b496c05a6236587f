"""Shape a relief by an estimate of depth: nearer parts stand out more, and the outline stays in place."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

_MOST = 0.8  # of a height, which the nearest gains and the farthest loses at full weight
_SMOOTH = 0.02  # of the longer side, over which depth is smoothed: networks predict by patches
_LOW, _HIGH = 10.0, 90.0  # percentiles that count as far and near: a few wild values move nothing


def scale_by_depth(
    heights: NDArray[np.float64],
    places: NDArray[np.float64],
    nearness: NDArray[np.floating],
    alpha: NDArray[np.floating],
    weight: float,
) -> NDArray[np.float64]:
    """Multiply heights (n,) at places (n, 2) px by 1 - .8 weight (farthest) to 1 + .8 weight (nearest).

    nearness: (h, w) larger where nearer, of any scale and zero; only pixels that `alpha` (h, w) shows count. Constant depth
    changes nothing.
    """
    inside = alpha > 0.5
    if weight == 0 or not inside.any():
        return heights
    order = depth_order(nearness, inside)
    maps = np.ascontiguousarray(places, np.float32) - np.float32(0.5)
    rows = [part[:, None] for part in np.array_split(maps, max(1, -(-len(maps) // 30_000)))]  # OpenCV's maps are short
    found = [
        cv2.remap(order, part[..., 0], part[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE).reshape(-1)
        for part in rows
    ]
    return heights * (1 + _MOST * weight * np.concatenate(found).astype(np.float64))


def depth_order(nearness: NDArray[np.floating], inside: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Normalised depth (h, w) from -1, far, to 1, near; smooth, 0 at the median `inside` (h, w), extended beyond it."""
    values = nearness[inside].astype(np.float64)
    low, middle, high = np.percentile(values, [_LOW, 50.0, _HIGH])
    spread = 0.5 * (high - low)
    if not spread > 1e-9 * max(abs(low), abs(high), 1e-300):
        return np.zeros(nearness.shape, np.float32)
    order = np.where(inside, np.clip((nearness - middle) / spread, -1, 1), 0).astype(np.float32)
    sigma = _SMOOTH * max(nearness.shape)
    known = cv2.GaussianBlur(inside.astype(np.float32), (0, 0), sigma)
    smooth = cv2.GaussianBlur(order, (0, 0), sigma)  # with what is known of each place, so that no ground bleeds in
    return np.where(known > 1e-3, smooth / np.maximum(known, 1e-3), 0).astype(np.float32)
