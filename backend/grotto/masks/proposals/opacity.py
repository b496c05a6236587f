"""Instances from an opacity tile by tile, and instances of a reduced mural placed at its full size."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ...contract import UNKNOWN_CLASS, ProblemError
from ..bounds import Box, box_slices, moved_box, padded_box, scaled_box
from ..edges import soft_edges
from ..elements import find_elements
from ..full_size import band_px
from ..resampling import enlarged_mask, enlarged_window
from .instances import Colour, Instance, instance_from_mask

Array32 = NDArray[np.float32]
Opacity = Callable[[Box], Array32]  # (h, w), 0 to 1, in a box of the picture

_MARGIN_PX = 2  # around an instance, in pixels of the reduced picture


def known_opacity(alpha: NDArray[np.uint8]) -> Opacity:
    """The opacity by a picture's own alpha (h, w)."""
    return lambda box: alpha[box_slices(box)].astype(np.float32) / np.float32(255)


def sharpened_opacity(colour: Colour, coarse: Array32) -> Opacity:
    """The opacity by a coarse one of the whole picture (h, w, 3); its edges are placed by the picture's own colours."""
    band = band_px(max(coarse.shape) / max(colour.shape))

    def opacity(box: Box) -> Array32:
        rows, columns = box_slices(box)
        return soft_edges(np.ascontiguousarray(colour[rows, columns]), enlarged_window(coarse, colour.shape, rows, columns), band)

    return opacity


def finder_by_opacity(
    opacity: Opacity, size: tuple[int, int], least_element: float, gap: float
) -> Callable[[Box], Sequence[Instance]]:
    """A function that finds the instances in a box of a picture of `size` (height, width), in pixels of the box.

    least_element: smallest element, as a part of the picture. gap: as a part of the longer side, up to which two components are
    one element. A tile may hold a twentieth of an element only.
    """
    height, width = size
    least_px = 0.05 * least_element * height * width

    def find(box: Box) -> list[Instance]:
        alpha = opacity(box)
        if not (alpha >= 0.5).any():
            return []
        near = gap * max(height, width) / max(alpha.shape)
        try:
            elements = find_elements(alpha, least_px / alpha.size, near)
        except ProblemError:
            return []  # only specks: there is nothing on this tile
        return [Instance(element.box, element.mask, UNKNOWN_CLASS, 1.0) for element in elements]

    return find


def placed_at_full_size(colour: Colour, instance: Instance, scale: float) -> Instance | None:
    """An instance of a picture reduced by `scale`, on the full picture (h, w, 3): its contour is placed by the full colours.

    None where nothing of it is left.
    """
    if scale >= 1:
        return instance
    height, width = colour.shape[:2]
    box = scaled_box(padded_box(instance.box, _MARGIN_PX, width, height), 1 / scale, 1 / scale, width, height)
    coarse = enlarged_mask(instance.mask.astype(np.float32), instance.box[:2], (1 / scale, 1 / scale), box)
    opacity = soft_edges(np.ascontiguousarray(colour[box_slices(box)]), coarse, band_px(scale))
    placed = instance_from_mask(opacity >= 0.5, instance.label, instance.score)
    return None if placed is None else replace(placed, box=moved_box(placed.box, box[0], box[1]))
