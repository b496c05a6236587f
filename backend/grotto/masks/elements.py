"""Separate the elements of one picture: each with its box and its mask."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ..contract import bad_input
from .bounds import Box, box_slices, mask_bounds, moved_box, padded_box, scaled_box
from .components import connected_components

LEAST_PART = 2e-4  # of the picture: smaller components are specks
NEAR = 0.012  # of the longer side: components with a smaller gap between them are one element
_LEAST_OF_LARGEST = 0.02  # of the largest element: smaller ones are scraps of it
_MOST = 99


@dataclass(frozen=True)
class Element:
    """One element of a picture. `box` is (left, top, right, bottom) in whole pixels; `mask` is True on it, in its box."""

    box: Box
    mask: NDArray[np.bool_]
    area_px: int
    touches_border: bool


def find_elements(alpha: NDArray[np.float32], least_part: float = LEAST_PART, near: float = NEAR) -> tuple[Element, ...]:
    """The elements of an opacity (h, w), the largest first.

    Components nearer to each other than `near` of the longer side are one element, as a ribbon's pieces are; those of less
    than `least_part` of the picture's area are left out. Raises bad input where nothing is left.
    """
    height, width = alpha.shape
    mask = alpha >= 0.5
    gap = int(near * max(height, width))
    joined = mask if gap < 1 else _dilated(mask, gap)
    labels, statistics = connected_components(joined)
    elements = []
    for label, (left, top, width_px, height_px, _) in enumerate(statistics[1:], start=1):
        window = np.s_[top : top + height_px, left : left + width_px]
        own = (labels[window] == label) & mask[window]
        area = int(own.sum())
        inner = mask_bounds(own)
        if inner is None or area < max(1.0, least_part * height * width):
            continue
        box = moved_box(inner, int(left), int(top))
        touches = box[0] == 0 or box[1] == 0 or box[2] == width or box[3] == height
        elements.append(Element(box, own[box_slices(inner)].copy(), area, touches))
    if not elements:
        raise bad_input("there is nothing on the picture", "choose a picture with an element on it, or paint over the element")
    return tuple(sorted(elements, key=lambda element: (-element.area_px, element.box)))


def _dilated(mask: NDArray[np.bool_], gap: int) -> NDArray[np.bool_]:
    """The mask dilated by half the gap."""
    size = 2 * ((gap + 1) // 2) + 1
    return cv2.dilate(mask.astype(np.uint8), cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))) > 0


def prominent_elements(alpha: NDArray[np.float32]) -> tuple[Element, ...]:
    """The elements of an opacity (h, w) that are not tiny beside the largest, the largest first; 99 at most.

    Raises bad input where there are none.
    """
    elements = find_elements(alpha, least_part=0.0)
    return tuple(element for element in elements if element.area_px >= _LEAST_OF_LARGEST * elements[0].area_px)[:_MOST]


def isolated_element(
    colour: NDArray[np.uint8], alpha: NDArray[np.float32], element: Element, reduced_shape: tuple[int, int]
) -> tuple[NDArray[np.uint8], Box]:
    """RGBA (h, w, 4) of one element alone, and its box, on a picture (H, W, 3) with the opacity (H, W) of all elements.

    reduced_shape: (rows, columns) of the smaller opacity in which the element was found; its soft rim of a pixel there is kept.
    """
    rows, columns = reduced_shape
    across, down = alpha.shape[1] / columns, alpha.shape[0] / rows
    outer = padded_box(element.box, 1, columns, rows)
    own = np.zeros((outer[3] - outer[1], outer[2] - outer[0]), np.uint8)
    x, y = element.box[0] - outer[0], element.box[1] - outer[1]
    own[y : y + element.mask.shape[0], x : x + element.mask.shape[1]] = element.mask
    own = np.asarray(cv2.dilate(own, np.ones((3, 3), np.uint8)))
    box = scaled_box(outer, across, down, alpha.shape[1], alpha.shape[0])
    window = box_slices(box)
    enlarged = cv2.resize(own, (box[2] - box[0], box[3] - box[1]), interpolation=cv2.INTER_NEAREST)
    opacity = (alpha[window] * 255 + np.float32(0.5)).astype(np.uint8) * enlarged
    return np.dstack([colour[window], opacity]), box
