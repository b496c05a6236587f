"""Connected components of masks, and clean-up by their size: holes, specks and slivers."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]


def connected_components(mask: Mask, corners: bool = True) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Labels (h, w), 0 where the mask is False, and (left, top, width, height, area) of each label (n, 5), row 0 for the rest.

    corners: whether pixels that touch at a corner only are connected.
    """
    _, labels, statistics, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8 if corners else 4)
    return np.asarray(labels, dtype=np.int32), np.asarray(statistics, dtype=np.int32)


def fill_holes(mask: Mask, largest_px: float) -> Mask:
    """Fill the holes of at most `largest_px` pixels; a gap that is open to the picture's border is no hole."""
    labels, statistics = connected_components(~mask, corners=False)
    height, width = mask.shape
    left, top = statistics[:, 0], statistics[:, 1]
    inner = (left > 0) & (top > 0) & (left + statistics[:, 2] < width) & (top + statistics[:, 3] < height)
    small = inner & (statistics[:, 4] <= largest_px)
    small[0] = False
    return mask | small[labels]


def drop_specks(mask: Mask, least_px: float, keep: Mask | None = None) -> Mask:
    """Drop the components of fewer than `least_px` pixels, except those that touch `keep`."""
    labels, statistics = connected_components(mask)
    large = statistics[:, 4] >= least_px
    if keep is not None:
        large[np.unique(labels[keep & mask])] = True
    large[0] = False
    return large[labels]


def keep_slivers(mask: Mask, candidate: Mask, reach_px: int) -> Mask:
    """Add the components of `candidate` that are thin and attached to the mask: ribbons, antlers, rims of halos.

    A component is added if it touches the mask and is nowhere wider than `reach_px`; a broad one is another object.
    """
    rest = candidate & ~mask
    size = 2 * (reach_px // 2) + 1
    broad = (
        cv2.morphologyEx(rest.astype(np.uint8), cv2.MORPH_OPEN, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))) > 0
    )
    labels, statistics = connected_components(rest)
    taken = np.zeros(len(statistics), dtype=bool)
    touching = cv2.dilate(mask.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    taken[np.unique(labels[touching & rest])] = True
    taken[np.unique(labels[broad])] = False
    taken[0] = False
    return mask | taken[labels]
