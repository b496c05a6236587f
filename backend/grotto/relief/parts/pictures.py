"""Pictures of parts: flat colours, and numbers over the painting."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
Labels = NDArray[np.int32]

_GOLDEN = 0.618034  # of the circle of hues, so that consecutive numbers differ


def flat_colours(labels: Labels) -> Bytes:
    """(h, w, 3) a colour for each part of labels (h, w), white outside."""
    count = int(labels.max()) + 1
    turn = np.arange(count) * _GOLDEN % 1.0
    hues = np.stack([180 * turn, np.full(count, 150.0), np.where(np.arange(count) % 2, 230.0, 190.0)], axis=1)
    table = cv2.cvtColor(hues[None].astype(np.uint8), cv2.COLOR_HSV2RGB)[0]
    table[0] = 255
    return np.asarray(table[labels], np.uint8)


def numbered(colour: NDArray[np.float32], labels: Labels, order: Sequence[int]) -> Bytes:
    """(H, W, 3) a picture (H, W, 3) tinted by its parts, with each part's number and, after a colon, its place in the order."""
    height, width = colour.shape[:2]
    enlarged = np.asarray(cv2.resize(labels, (width, height), interpolation=cv2.INTER_NEAREST), np.int32)
    mixed = np.float32(0.45 * 255) * colour + np.float32(0.55) * flat_colours(enlarged).astype(np.float32)
    picture = np.where((enlarged > 0)[..., None], mixed, 255).astype(np.uint8)
    size = max(0.35, 0.0009 * max(height, width))
    for place, part in enumerate(order, start=1):
        distance = cv2.distanceTransform(np.pad((enlarged == part).astype(np.uint8), 1), cv2.DIST_L2, 5)
        row, column = np.unravel_index(int(distance.argmax()), distance.shape)
        text = f"{part}:{place}"
        (across, down), _ = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, size, 1)
        at = int(np.clip(column - across // 2, 2, width - across - 2)), int(np.clip(row + down // 2, down + 2, height - 2))
        for thickness, ink in ((3, (255, 255, 255)), (1, (0, 0, 0))):
            cv2.putText(picture, text, at, cv2.FONT_HERSHEY_SIMPLEX, size, ink, thickness, cv2.LINE_AA)
    return picture


def part_colour(part: int) -> str:
    """The flat colour of a part as #rrggbb."""
    red, green, blue = flat_colours(np.arange(part + 1, dtype=np.int32)[None])[0, part].tolist()
    return f"#{red:02x}{green:02x}{blue:02x}"
