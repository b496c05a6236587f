"""Several elements in one picture: each with its box, its mask and a thumbnail."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ..contract import bad_input
from .rules import parts

LEAST_PART = 2e-4  # of the picture: what is smaller is a speck
NEAR = 0.012  # of the longer side: parts with a smaller gap between them are one element


@dataclass(frozen=True)
class Element:
    """One element of a picture. `box` is (left, top, right, bottom) in whole pixels; `mask` is True on it, in its box."""

    box: tuple[int, int, int, int]
    mask: NDArray[np.bool_]
    area_px: int
    touches_border: bool


def find_elements(alpha: NDArray[np.float32], least_part: float = LEAST_PART, near: float = NEAR) -> tuple[Element, ...]:
    """The elements of an opacity (h, w), the largest first.

    Parts nearer to each other than `near` of the longer side are one element, as a ribbon's pieces are; what has less
    than `least_part` of the picture's area is left out. Raises bad input where nothing is left.
    """
    height, width = alpha.shape
    mask = alpha >= 0.5
    gap = int(near * max(height, width))
    joined = mask if gap < 1 else _grown(mask, gap)
    labels, boxes = parts(joined)
    found = []
    for label, (left, top, across, down, _) in enumerate(boxes[1:], start=1):
        window = np.s_[top : top + down, left : left + across]
        own = (labels[window] == label) & mask[window]
        area = int(own.sum())
        if area < max(1.0, least_part * height * width):
            continue
        rows, columns = np.flatnonzero(own.any(axis=1)), np.flatnonzero(own.any(axis=0))
        box = (int(left + columns[0]), int(top + rows[0]), int(left + columns[-1] + 1), int(top + rows[-1] + 1))
        own = own[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        touches = box[0] == 0 or box[1] == 0 or box[2] == width or box[3] == height
        found.append(Element(box, own.copy(), area, touches))
    if not found:
        raise bad_input("there is nothing on the picture", "choose a picture with an element on it, or paint over the element")
    return tuple(sorted(found, key=lambda element: (-element.area_px, element.box)))


def _grown(mask: NDArray[np.bool_], gap: int) -> NDArray[np.bool_]:
    """Grown by half the gap to all sides."""
    size = 2 * ((gap + 1) // 2) + 1
    return cv2.dilate(mask.astype(np.uint8), cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))) > 0
