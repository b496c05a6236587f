"""Cut-outs brought back to a picture's full size: their contours are placed by the full picture's own colours."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ..contract import bad_input
from .bounds import Box, box_slices, padded_box, scaled_box
from .cut_out import ALPHA, LEAST_SUBJECT, PLAIN_BACKGROUND, CutOut
from .edges import soft_edges
from .plain_background import plain_background_alpha
from .resampling import area_resized, enlarged_mask

Bytes = NDArray[np.uint8]
Array32 = NDArray[np.float32]

_BAND = 1.5  # full pixels of uncertainty for each that a reduced pixel is larger
_SOFT_RIM_PX = 3  # around an element, in pixels of the reduced picture


def reduced_rgba(colour: Bytes, alpha: Bytes | None, longest_px: int) -> tuple[Bytes, float]:
    """RGBA (h, w, 4) of a picture (H, W, 3) and its alpha (H, W), opaque without one, at most so long; and the scale."""
    height, width = colour.shape[:2]
    scale = min(1.0, longest_px / max(height, width))
    size = (width, height) if scale == 1 else (max(1, round(width * scale)), max(1, round(height * scale)))
    small = colour if scale == 1 else area_resized(colour, *size)
    if alpha is None:
        opacity = np.full(small.shape[:2], 255, np.uint8)
    else:
        opacity = alpha if scale == 1 else area_resized(alpha, *size)
    return np.dstack([small, opacity]), scale


def band_px(scale: float) -> float:
    """How far, in full pixels, the contour of a mask found at `scale` (0 to 1) may be wrong."""
    return 1.0 + _BAND * (1 / scale - 1)


def refined_alpha(colour: Bytes, alpha: Bytes | None, cut: CutOut, scale: float) -> Array32:
    """Opacity (H, W) at full size of a cut-out found at `scale`; `alpha` (H, W) is the picture's own, where it has any."""
    if cut.method == ALPHA and alpha is not None:
        return np.asarray(alpha, dtype=np.float32) / np.float32(255)  # known exactly
    if scale >= 1:
        return np.clip(cut.alpha, 0, 1)
    if cut.method == PLAIN_BACKGROUND and cut.as_measured:
        refined = plain_background_alpha(colour)
        if refined is not None:
            return np.clip(refined, 0, 1)
    soft = soft_edges(colour, cut.alpha, band_px(scale))
    return soft if alpha is None else multiply_alpha(soft, alpha)


def multiply_alpha(opacity: Array32, alpha: Bytes) -> Array32:
    """The opacity (H, W) times the picture's own alpha (H, W), in place."""
    return np.multiply(opacity, alpha * np.float32(1 / 255), out=opacity)


def checked_alpha(opacity: Array32) -> Array32:
    """The opacity (H, W) clipped to 0 to 1, in place. Raises bad input where hardly a pixel is opaque."""
    if (opacity >= 0.5).sum() < max(4.0, LEAST_SUBJECT * opacity.size):
        raise bad_input("there is nothing on the picture", "choose a picture with an element on it, or paint over the element")
    return np.clip(opacity, 0, 1, out=opacity)


def alpha_bytes(opacity: Array32) -> Bytes:
    """The opacity (H, W), 0 to 1, as bytes; the array itself is used up, so that no second one is in memory."""
    rounded = np.empty(opacity.shape, np.uint8)
    np.copyto(rounded, np.multiply(opacity, 255, out=opacity) + np.float32(0.5), casting="unsafe")
    return rounded


def element_at_full_size(
    colour: Bytes, alpha: Bytes | None, mask: Bytes, box: Box, reduced_size: tuple[int, int]
) -> tuple[Bytes, Box]:
    """RGBA (h, w, 4) of an element and its box on a picture (H, W, 3), from its mask in a box of the reduced picture.

    alpha: (H, W) the picture's own. reduced_size: (width, height) of the picture in which the mask was found.
    """
    height, width = colour.shape[:2]
    across, down = width / reduced_size[0], height / reduced_size[1]
    margin = _SOFT_RIM_PX if (width, height) != reduced_size else 1
    full = scaled_box(padded_box(box, margin, width, height), across, down, width, height)
    window = np.ascontiguousarray(colour[box_slices(full)])
    coarse = enlarged_mask(mask, (box[0], box[1]), (across, down), full)
    opacity = soft_edges(window, coarse, 1.0 + _BAND * (max(across, down) - 1))
    if alpha is not None:
        own = alpha[box_slices(full)] / np.float32(255)
        inside = (coarse >= 0.5).astype(np.uint8)
        beside = (cv2.dilate(inside, np.ones((5, 5), np.uint8)) > 0) & (inside == 0)
        if (
            not beside.any() or own[beside].mean() < 0.5
        ):  # the alpha is the element's outline, not that of a painting which it is on
            opacity = np.asarray(cv2.dilate(coarse, np.ones((3, 3), np.uint8)).round(), dtype=np.float32)
        opacity = np.minimum(opacity, own)
    return np.dstack([window, (opacity * 255 + 0.5).astype(np.uint8)]), full
