"""An element on white, pasted onto a made wall: the picture, the box an artist would draw, and the true mask."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

STYLES = ("narrative", "mixed")
SIDE_PX = 512
_MARGIN = 0.02  # of the side: how loosely the box is drawn
_WHITE, _SOFT, _CRUMB = 12, 60, 20  # of 255: what is not white; the ramp of its edge; px of flecks that are no truth


@dataclass(frozen=True)
class Element:
    """Colour (h, w, 3), 0..255, with white un-mixed from its edge, and coverage (h, w), trimmed to the element."""

    name: str
    colour: NDArray[np.float32]
    coverage: NDArray[np.float32]


@dataclass(frozen=True)
class Pasted:
    """Colour (h, w, 3), 0..1; truth (h, w); box (left, top, right, bottom) px."""

    colour: NDArray[np.float32]
    truth: NDArray[np.bool_]
    box: tuple[float, float, float, float]


def element_of(name: str, pixels: NDArray[np.uint8]) -> Element:
    """Separate an element from white by its distance from white alone; flecks below 20 px are ignored."""
    distance = 255.0 - pixels.min(axis=2).astype(np.float32)
    mask = _without_crumbs(~_without_crumbs(distance <= _WHITE, 4), 8)
    core = cv2.erode(mask.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    ramp = np.clip((distance - 6) / _SOFT, 0.5, 1)
    coverage = np.where(core, 1.0, np.where(mask, ramp, 0.0)).astype(np.float32)
    part = np.maximum(coverage, 0.5)[..., None]
    colour = np.clip((pixels - (1 - part) * 254.0) / part, 0, 255).astype(np.float32)
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    window = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return Element(name, colour[window], coverage[window])


def paste(element: Element, wall: NDArray[np.uint8], random: np.random.Generator) -> Pasted:
    """Paste the element onto a window of the wall, its longer side .6 to .8 of the window's."""
    scale = SIDE_PX * random.uniform(0.6, 0.8) / max(element.coverage.shape)
    size = max(1, round(element.coverage.shape[1] * scale)), max(1, round(element.coverage.shape[0] * scale))
    coverage = np.asarray(cv2.resize(element.coverage, size, interpolation=cv2.INTER_AREA), dtype=np.float32)
    laid = cv2.resize(element.colour * element.coverage[..., None], size, interpolation=cv2.INTER_AREA)
    y, x = random.integers(0, wall.shape[0] - SIDE_PX), random.integers(0, wall.shape[1] - SIDE_PX)
    picture = wall[y : y + SIDE_PX, x : x + SIDE_PX].astype(np.float32)
    top, left = (int(random.integers(16, SIDE_PX - 16 - extent + 1)) for extent in (size[1], size[0]))
    window = np.s_[top : top + size[1], left : left + size[0]]
    picture[window] = laid + (1 - coverage[..., None]) * picture[window]
    truth = np.zeros((SIDE_PX, SIDE_PX), dtype=bool)
    truth[window] = coverage >= 0.5
    loose = _MARGIN * SIDE_PX
    right, bottom = min(SIDE_PX, left + size[0] + loose), min(SIDE_PX, top + size[1] + loose)
    box = max(0.0, left - loose), max(0.0, top - loose), right, bottom
    return Pasted((np.clip(picture, 0, 255).astype(np.uint8) / np.float32(255)).astype(np.float32), truth, box)


def _without_crumbs(mask: NDArray[np.bool_], connectivity: int) -> NDArray[np.bool_]:
    _, labels, boxes, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=connectivity)
    large = np.asarray(boxes)[:, 4] >= _CRUMB
    large[0] = False
    return np.asarray(large[labels], dtype=bool)
