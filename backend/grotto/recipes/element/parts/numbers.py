"""Pictures of an element's parts: flat colours, and numbers over the picture."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
Labels = NDArray[np.int32]

_GOLDEN = 0.618034  # of the circle of hues, so that neighbours in number differ


def flat_colours(labels: Labels) -> Bytes:
    """(h, w, 3) one colour a part, white outside."""
    count = int(labels.max()) + 1
    turn = np.arange(count) * _GOLDEN % 1.0
    hues = np.stack([180 * turn, np.full(count, 150.0), np.where(np.arange(count) % 2, 230.0, 190.0)], axis=1)
    table = cv2.cvtColor(hues[None].astype(np.uint8), cv2.COLOR_HSV2RGB)[0]
    table[0] = 255
    return np.asarray(table[labels], np.uint8)


def numbered(colour: NDArray[np.float32], labels: Labels, order: Sequence[int]) -> Bytes:
    """(H, W, 3) the picture (H, W, 3) under its parts' colours, with each part's number and, after a colon, its place."""
    height, width = colour.shape[:2]
    wide = np.asarray(cv2.resize(labels, (width, height), interpolation=cv2.INTER_NEAREST), np.int32)
    mixed = np.float32(0.45 * 255) * colour + np.float32(0.55) * flat_colours(wide).astype(np.float32)
    made = np.where((wide > 0)[..., None], mixed, 255).astype(np.uint8)
    size = max(0.35, 0.0009 * max(height, width))
    for place, part in enumerate(order, start=1):
        away = cv2.distanceTransform(np.pad((wide == part).astype(np.uint8), 1), cv2.DIST_L2, 5)
        row, column = np.unravel_index(int(away.argmax()), away.shape)
        words = f"{part}:{place}"
        (across, down), _ = cv2.getTextSize(words, cv2.FONT_HERSHEY_SIMPLEX, size, 1)
        at = int(np.clip(column - across // 2, 2, width - across - 2)), int(np.clip(row + down // 2, down + 2, height - 2))
        for thickness, ink in ((3, (255, 255, 255)), (1, (0, 0, 0))):
            cv2.putText(made, words, at, cv2.FONT_HERSHEY_SIMPLEX, size, ink, thickness, cv2.LINE_AA)
    return made
