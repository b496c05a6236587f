"""Frames, sheets and labels: rectangles of a photograph that are not what it shows."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from .bounds import Box, box_slices, mask_bounds
from .components import connected_components

Mask = NDArray[np.bool_]

_THICKEST = 0.03  # of the picture's longer side: a thicker border is an ornament
_COVERED, _BARE = 0.9, 0.5  # part of a side that a line covers, and what may remain of it inside the line
_SPAN = 0.5  # of the picture's sides, that a frame's box must have
_MOST_FRAMES = 3  # double and triple lines
_FULL = 0.96  # of its smallest rectangle, that a rectangle fills
_LEAST_LABEL, _LARGEST_LABEL = 5e-4, 0.7  # of the picture, and of the largest other component
_LEAST_LEFT = 2e-3  # of the picture, that must lie within a frame


def without_frames(mask: Mask) -> tuple[Mask, int]:
    """The mask (h, w) without drawn frames around something, and how many lines were taken off.

    A frame is a line along all four sides of its component's box. A frame around nothing stays: it is the subject.
    """
    left, taken = mask, 0
    for _ in range(_MOST_FRAMES):
        inner = _without_frame(left)
        if inner is None or inner.mean() < _LEAST_LEFT:
            break
        left, taken = inner, taken + 1
    return left, taken


def _without_frame(mask: Mask) -> Mask | None:
    labels, statistics = connected_components(mask)
    height, width = mask.shape
    for label in np.argsort(-statistics[1:, 2] * statistics[1:, 3]) + 1:
        left, top, across, down = (int(value) for value in statistics[label, :4])
        if across < _SPAN * width or down < _SPAN * height:
            return None
        window = np.s_[top : top + down, left : left + across]
        thickness = _line_thickness(labels[window] == label, round(_THICKEST * max(height, width)))
        if thickness is None:
            continue
        inner = mask.copy()
        rest = inner[window]
        rest[:thickness] = rest[-thickness:] = False
        rest[:, :thickness] = rest[:, -thickness:] = False
        return inner
    return None


def _line_thickness(own: Mask, most: int) -> int | None:
    """Thickness in px of the lines along all four sides of a mask (h, w) in its box; None where they are none."""
    thickest = 0
    for side in (own, own[::-1], own.T, own[:, ::-1].T):
        covered = side[: max(1, most + 2)].mean(axis=1)
        if covered[: max(2, most // 2)].max(initial=0.0) < _COVERED:
            return None
        line = int(np.flatnonzero(covered >= _COVERED)[0])  # hand-drawn corners may stand out by a pixel or two
        bare = np.flatnonzero(covered[line:] < _BARE)
        if not len(bare) or line + int(bare[0]) > most:
            return None
        thickest = max(thickest, line + int(bare[0]))
    return thickest + 1  # and the soft pixel behind it


def without_labels(mask: Mask) -> tuple[Mask, int]:
    """The mask (h, w) without small full rectangles beside its other components, and how many: labels and colour charts.

    They stay where nothing else is on the picture, and where they lie among the other parts.
    """
    labels, statistics = connected_components(mask)
    area = statistics[:, 4]
    if len(area) < 3:
        return mask, 0
    least = _LEAST_LABEL * mask.size
    rectangular = np.array([label > 0 and area[label] >= least and is_rectangle(labels == label) for label in range(len(area))])
    others = ~rectangular & (area >= 0.02 * area[1:].max())
    others[0] = False
    if not rectangular.any() or not others.any():
        return mask, 0
    bounds = mask_bounds(others[labels])
    rectangular &= area <= max(_LARGEST_LABEL * area[others].max(), 0.02 * mask.size)
    for label in np.flatnonzero(rectangular):
        rectangular[label] = bounds is None or not _overlap(statistics[label], bounds)
    return mask & ~rectangular[labels], int(rectangular.sum())


def is_rectangle(own: Mask) -> bool:
    """Whether a mask (h, w) fills the smallest rectangle about it, however turned; holes count as filled."""
    contours, _ = cv2.findContours(own.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    outer = max(contours, key=cv2.contourArea, default=None)
    if outer is None:
        return False
    (_, (across, down), _) = cv2.minAreaRect(outer)
    return min(across, down) >= 3 and cv2.contourArea(outer) >= _FULL * across * down


def upright_rectangle(mask: Mask, full: float = 0.97) -> Box | None:
    """The box of a mask (h, w) that fills it; None where it does not."""
    box = mask_bounds(mask)
    return box if box is not None and float(mask[box_slices(box)].mean()) >= full else None


def _overlap(statistic: NDArray[np.int32], box: Box) -> bool:
    left, top, across, down = (int(value) for value in statistic[:4])
    return left < box[2] and left + across > box[0] and top < box[3] and top + down > box[1]
