"""The soft edge at full resolution: near a coarse mask's contour, each pixel is un-mixed from the colours on both sides.

Tiles without a contour are copied, so memory and time follow the contour's length and not the picture's size.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

Array32 = NDArray[np.float32]
Ground = Callable[[slice, slice], Array32]

_TILE = 1024
_NARROW = 4  # px: up to it, a structuring element is quicker than a distance
_LEAST_CONTRAST = 0.06  # of colour (distance, 0 to 1.7) between both sides: below it, un-mixing would only follow noise


def soft_edges(colour: Array32 | NDArray[np.uint8], coarse: Array32, band_px: float, ground: Ground | None = None) -> Array32:
    """The opacity (h, w) of a picture (h, w, 3) of sRGB values, 0 to 1 or bytes, from a coarse one of any smaller size.

    `band_px`: how far from the coarse contour, in full pixels, it may be wrong. `ground` gives the background's true
    colour in a window (rows, columns) where it is known; else it is taken from the pixels outside, as the subject's
    colour is from those inside.
    """
    height, width = colour.shape[:2]
    alpha = np.empty((height, width), np.float32)
    reach = int(np.ceil(band_px))
    halo = 4 * reach + 4
    for top in range(0, height, _TILE):
        for left in range(0, width, _TILE):
            rows, columns = slice(top, min(top + _TILE, height)), slice(left, min(left + _TILE, width))
            outer = _widened(rows, halo, height), _widened(columns, halo, width)
            guess = _enlarged(coarse, (height, width), *outer)
            inner = np.s_[rows.start - outer[0].start :, columns.start - outer[1].start :]
            size = np.s_[: rows.stop - rows.start, : columns.stop - columns.start]
            inside = guess >= 0.5
            if inside.all() or not inside.any():
                alpha[rows, columns] = guess[inner][size].round()
                continue
            known = None if ground is None else ground(*outer)
            alpha[rows, columns] = _unmixed(_values(colour[outer]), inside, reach, known)[inner][size]
    return alpha


def _values(colour: Array32 | NDArray[np.uint8]) -> Array32:
    """Values 0 to 1: bytes are converted tile by tile, so that a large picture is never whole in memory as floats."""
    if colour.dtype == np.uint8:
        return np.asarray(colour, dtype=np.float32) / np.float32(255)
    return np.asarray(colour, dtype=np.float32)


def _unmixed(colour: Array32, inside: NDArray[np.bool_], reach: int, ground: Array32 | None) -> Array32:
    """Opacity of one tile: the part of the way from the background's colour to the subject's that each pixel's lies at."""
    mask = inside.astype(np.uint8)
    core, beyond = _beyond(1 - mask, reach), _beyond(mask, reach)
    # A part thinner than the band has no core: its own middle line stands for it.
    distance = cv2.distanceTransform(mask, cv2.DIST_L2, 5)
    ridge = inside & (distance >= cv2.dilate(distance, np.ones((3, 3), np.uint8)) - 1e-3)
    within = core | (ridge & _beyond(core.astype(np.uint8), reach))
    band = ~core & ~beyond
    subject, sure_subject = _spread(colour, within, reach)
    if ground is None:
        other, sure_other = _spread(colour, beyond, reach)
    else:
        other, sure_other = ground, np.ones(inside.shape, dtype=bool)
    way = subject - other
    length = (way * way).sum(axis=2)
    part = ((colour - other) * way).sum(axis=2) / np.maximum(length, 1e-6)
    clear = sure_subject & sure_other & (length > _LEAST_CONTRAST**2)
    alpha = np.where(band & clear, np.clip(part, 0, 1), inside.astype(np.float32))
    return alpha.astype(np.float32)


def _beyond(mask: NDArray[np.uint8], reach: int) -> NDArray[np.bool_]:
    """Where the mask is farther away than `reach` pixels; wide reaches by distances, whose cost does not grow with them."""
    if reach > _NARROW and mask.any():
        return np.asarray(cv2.distanceTransform(1 - mask, cv2.DIST_L2, 5) > reach)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    return np.asarray(cv2.dilate(mask, kernel) == 0)


def _spread(colour: Array32, where: NDArray[np.bool_], reach: int) -> tuple[Array32, NDArray[np.bool_]]:
    """The mean colour of the pixels of `where` near each pixel, and whether there is any."""
    weight = where.astype(np.float32)
    sigma = max(1.0, 0.75 * reach)
    near = cv2.GaussianBlur(weight, (0, 0), sigma)
    mean = cv2.GaussianBlur(colour * weight[..., None], (0, 0), sigma) / np.maximum(near, 1e-6)[..., None]
    return np.asarray(mean, dtype=np.float32), near > 1e-3


def _widened(part: slice, by: int, end: int) -> slice:
    return slice(max(0, part.start - by), min(end, part.stop + by))


def _enlarged(coarse: Array32, shape: tuple[int, int], rows: slice, columns: slice) -> Array32:
    """A window of the coarse mask at full size; pixel centres lie at half pixels in both."""
    if coarse.shape == shape:
        return coarse[rows, columns]
    x = (np.arange(columns.start, columns.stop, dtype=np.float32) + 0.5) * np.float32(coarse.shape[1] / shape[1]) - 0.5
    y = (np.arange(rows.start, rows.stop, dtype=np.float32) + 0.5) * np.float32(coarse.shape[0] / shape[0]) - 0.5
    map_x, map_y = np.meshgrid(x, y)
    return np.asarray(cv2.remap(coarse, map_x, map_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), dtype=np.float32)
