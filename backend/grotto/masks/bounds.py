"""Boxes in pixels: the bounds of a mask, and boxes padded, scaled, intersected."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Box = tuple[int, int, int, int]  # left, top, right, bottom in whole pixels; right and bottom lie outside


def mask_bounds(mask: NDArray[np.generic]) -> Box | None:
    """The smallest box around the nonzero pixels of a mask (h, w); None where there are none."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if not len(rows):
        return None
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def box_slices(box: Box) -> tuple[slice, slice]:
    """Rows and columns of a box, to index a picture (h, w, ...)."""
    return slice(box[1], box[3]), slice(box[0], box[2])


def padded_box(box: Box, margin_px: int, width: int, height: int) -> Box:
    """A box with a margin on each side, clipped to a picture of `width` x `height`."""
    left, top, right, bottom = box
    return max(0, left - margin_px), max(0, top - margin_px), min(width, right + margin_px), min(height, bottom + margin_px)


def scaled_box(box: Box, across: float, down: float, width: int, height: int) -> Box:
    """A box on a picture that is `across` times as wide and `down` times as high, rounded outwards and clipped to it."""
    left, top, right, bottom = box
    return (
        int(left * across),
        int(top * down),
        min(width, math.ceil(right * across)),
        min(height, math.ceil(bottom * down)),
    )


def moved_box(box: Box, right_px: int, down_px: int) -> Box:
    """A box moved to the right and down."""
    return box[0] + right_px, box[1] + down_px, box[2] + right_px, box[3] + down_px


def intersection(one: Box, two: Box) -> Box | None:
    """What two boxes share; None where that is empty."""
    box = max(one[0], two[0]), max(one[1], two[1]), min(one[2], two[2]), min(one[3], two[3])
    return box if box[0] < box[2] and box[1] < box[3] else None
