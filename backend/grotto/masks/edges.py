"""Alpha matting near a contour: each pixel there is un-mixed from the colours on both sides (Porter and Duff 1984).

Tiles without a contour are copied, so memory and time follow the contour's length and not the picture's size.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from .resampling import enlarged_window

Array32 = NDArray[np.float32]
Background = Callable[[slice, slice], Array32]

_TILE = 1024
_NARROW = 4  # px: up to it, a structuring element is quicker than a distance
_LEAST_CONTRAST = 0.06  # of colour (distance, 0 to 1.7) between both sides: below it, un-mixing would only follow noise


def soft_edges(
    colour: Array32 | NDArray[np.uint8], coarse: Array32, band_px: float, background: Background | None = None
) -> Array32:
    """Opacity (h, w) of a picture (h, w, 3) of sRGB values, 0 to 1 or bytes, from a coarse opacity of any smaller size.

    band_px: how far, in full pixels, the coarse contour may be wrong. background: gives the background's true colour in a window
    (rows, columns), where it is known; else that is the mean of the pixels outside, as the subject's colour is of those inside.
    """
    height, width = colour.shape[:2]
    alpha = np.empty((height, width), np.float32)
    reach = int(np.ceil(band_px))
    halo = 4 * reach + 4
    for top in range(0, height, _TILE):
        for left in range(0, width, _TILE):
            rows, columns = slice(top, min(top + _TILE, height)), slice(left, min(left + _TILE, width))
            outer = _widened(rows, halo, height), _widened(columns, halo, width)
            guess = enlarged_window(coarse, (height, width), *outer)
            inner = np.s_[rows.start - outer[0].start :, columns.start - outer[1].start :]
            size = np.s_[: rows.stop - rows.start, : columns.stop - columns.start]
            inside = guess >= 0.5
            if inside.all() or not inside.any():
                alpha[rows, columns] = guess[inner][size].round()
                continue
            known = None if background is None else background(*outer)
            alpha[rows, columns] = _unmixed(_values(colour[outer]), inside, reach, known)[inner][size]
    return alpha


def _values(colour: Array32 | NDArray[np.uint8]) -> Array32:
    """Values 0 to 1: bytes are converted tile by tile, so that a large picture is never whole in memory as floats."""
    if colour.dtype == np.uint8:
        return np.asarray(colour, dtype=np.float32) / np.float32(255)
    return np.asarray(colour, dtype=np.float32)


def _unmixed(colour: Array32, inside: NDArray[np.bool_], reach: int, background: Array32 | None) -> Array32:
    """Opacity (h, w) of one tile: where each pixel's colour lies between the background's (0) and the subject's (1)."""
    mask = inside.astype(np.uint8)
    core, beyond = _farther_than(1 - mask, reach), _farther_than(mask, reach)
    # A part thinner than the band has no core: its own middle line stands for it.
    distance = cv2.distanceTransform(mask, cv2.DIST_L2, 5)
    ridge = inside & (distance >= cv2.dilate(distance, np.ones((3, 3), np.uint8)) - 1e-3)
    within = core | (ridge & _farther_than(core.astype(np.uint8), reach))
    band = ~core & ~beyond
    subject, sure_subject = _local_mean(colour, within, reach)
    if background is None:
        behind, sure_behind = _local_mean(colour, beyond, reach)
    else:
        behind, sure_behind = background, np.ones(inside.shape, dtype=bool)
    contrast = subject - behind
    squared = (contrast * contrast).sum(axis=2)
    opacity = ((colour - behind) * contrast).sum(axis=2) / np.maximum(squared, 1e-6)
    clear = sure_subject & sure_behind & (squared > _LEAST_CONTRAST**2)
    alpha = np.where(band & clear, np.clip(opacity, 0, 1), inside.astype(np.float32))
    return alpha.astype(np.float32)


def _farther_than(mask: NDArray[np.uint8], reach: int) -> NDArray[np.bool_]:
    """Pixels (h, w) farther from the mask than `reach`; wide reaches use a distance transform, whose cost does not grow."""
    if reach > _NARROW and mask.any():
        return np.asarray(cv2.distanceTransform(1 - mask, cv2.DIST_L2, 5) > reach)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    return np.asarray(cv2.dilate(mask, kernel) == 0)


def _local_mean(colour: Array32, where: NDArray[np.bool_], reach: int) -> tuple[Array32, NDArray[np.bool_]]:
    """Gaussian mean colour (h, w, 3) of the pixels of `where` around each pixel, and whether there are any (h, w)."""
    weight = where.astype(np.float32)
    sigma = max(1.0, 0.75 * reach)
    near = cv2.GaussianBlur(weight, (0, 0), sigma)
    mean = cv2.GaussianBlur(colour * weight[..., None], (0, 0), sigma) / np.maximum(near, 1e-6)[..., None]
    return np.asarray(mean, dtype=np.float32), near > 1e-3


def _widened(span: slice, margin: int, end: int) -> slice:
    return slice(max(0, span.start - margin), min(end, span.stop + margin))
