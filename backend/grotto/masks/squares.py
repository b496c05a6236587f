"""Elements as square pictures, for thumbnails and for models that take squares, and a contact sheet of them."""

from __future__ import annotations

import math
from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]

_TILE_PX, _PAPER = 160, 96  # of the contact sheet: side of a tile, grey of the paper
_MOST_ACROSS = 8


def squared(picture: Bytes, side_px: int, margin: float) -> Bytes:
    """RGBA (side_px, side_px, 4): the picture (h, w, 4) whole and centred on clear ground, resized with premultiplied alpha.

    margin: of the side, left clear on each side.
    """
    inner = side_px * (1 - 2 * margin)
    scale = inner / max(picture.shape[:2])
    size = max(1, round(picture.shape[1] * scale)), max(1, round(picture.shape[0] * scale))
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    alpha = picture[..., 3:].astype(np.float32) / 255
    resized = cv2.resize(np.dstack([picture[..., :3] * alpha, alpha]), size, interpolation=method)
    straight = resized[..., :3] / np.maximum(resized[..., 3:], 1e-4)
    square = np.zeros((side_px, side_px, 4), np.uint8)
    y, x = (side_px - size[1]) // 2, (side_px - size[0]) // 2
    values = np.dstack([straight, resized[..., 3:] * 255])
    square[y : y + size[1], x : x + size[0]] = (np.clip(values, 0, 255) + 0.5).astype(np.uint8)
    square[square[..., 3] == 0] = 0
    return square


def contact_sheet(thumbnails: Sequence[Bytes]) -> Bytes:
    """RGB (h, w, 3): square RGBA thumbnails in rows on grey paper."""
    across = min(_MOST_ACROSS, max(1, math.ceil(math.sqrt(len(thumbnails)))))
    down = -(-len(thumbnails) // across)
    sheet = np.full((down * _TILE_PX, across * _TILE_PX, 3), _PAPER, np.uint8)
    for number, thumbnail in enumerate(thumbnails):
        tile = cv2.resize(thumbnail, (_TILE_PX, _TILE_PX), interpolation=cv2.INTER_AREA).astype(np.float32)
        alpha = tile[..., 3:] / 255
        y, x = number // across * _TILE_PX, number % across * _TILE_PX
        sheet[y : y + _TILE_PX, x : x + _TILE_PX] = tile[..., :3] * alpha + _PAPER * (1 - alpha)
    return sheet
