"""A scripted user: at each step one short stroke through the middle of the largest wrong part."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]

_LENGTH, _WIDTH = 0.10, 0.012  # of the picture's longer side


@dataclass(frozen=True)
class Stroke:
    painted: Mask
    on_subject: bool


def next_stroke(found: Mask, truth: Mask) -> Stroke | None:
    """Place the next stroke along the wrong part's main direction, never across the true contour; None where nothing is wrong."""
    wrong, on_subject = _largest_fault(found, truth)
    if wrong is None:
        return None
    depth = cv2.distanceTransform(np.pad(wrong, 1).astype(np.uint8), cv2.DIST_L2, 5)[1:-1, 1:-1]
    row, column = (int(value) for value in np.unravel_index(int(depth.argmax()), depth.shape))
    length = _LENGTH * max(truth.shape)
    rows, columns = np.nonzero(wrong)
    near = np.hypot(rows - row, columns - column) < length
    offsets = np.stack([columns[near] - column, rows[near] - row], axis=1).astype(np.float64)
    along = np.linalg.eigh(offsets.T @ offsets)[1][:, 1]
    ends = [_end(wrong, (column, row), along * sign, length / 2) for sign in (1, -1)]
    painted = np.zeros(truth.shape, np.uint8)
    cv2.line(painted, ends[0], ends[1], 1, max(1, round(_WIDTH * max(truth.shape))))
    return Stroke((painted > 0) & (truth == on_subject), on_subject)


def _largest_fault(found: Mask, truth: Mask) -> tuple[Mask | None, bool]:
    best: tuple[int, Mask | None, bool] = (0, None, False)
    for on_subject in (True, False):
        wrong = (found != truth) & (truth == on_subject)
        count, labels, boxes, _ = cv2.connectedComponentsWithStats(wrong.astype(np.uint8), connectivity=8)
        if count > 1:
            label = 1 + int(np.asarray(boxes)[1:, 4].argmax())
            area = int(boxes[label, 4])
            if area > best[0]:
                best = (area, np.asarray(labels == label), on_subject)
    return best[1], best[2]


def _end(inside: Mask, start: tuple[int, int], way: NDArray[np.float64], reach: float) -> tuple[int, int]:
    """Measure the distance from (x, y) along a direction to the edge of the mask."""
    end = start
    for step in np.arange(0, reach, 0.5):
        x, y = round(start[0] + step * way[0]), round(start[1] + step * way[1])
        if not (0 <= x < inside.shape[1] and 0 <= y < inside.shape[0] and inside[y, x]):
            break
        end = (x, y)
    return end
