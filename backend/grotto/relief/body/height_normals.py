"""Normals of a relief, for maps that let few faces be lit like many."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Array32 = NDArray[np.float32]

_ROW = 16384  # places in a row: OpenCV's maps take no more than 32,767


def height_normals(height: Array32) -> Array32:
    """(h, w, 3) unit normals, in the element's frame, of heights (h, w) in px over the picture: x right, y away, z up."""
    down, across = np.gradient(height.astype(np.float64))
    normals = np.stack([-across, -np.ones_like(across), down], axis=2)
    return np.asarray(normals / np.linalg.norm(normals, axis=2, keepdims=True), np.float32)


def sampled_normals(normals: Array32, places: NDArray[np.float64]) -> Array32:
    """The normals (h, w, 3) at places (k, 2) px, bilinear and constant beyond the border."""
    columns, rows = (places - 0.5).astype(np.float32).T
    width = min(len(columns), _ROW) or 1
    padding = np.zeros(-len(columns) % width, np.float32)
    map_x, map_y = (np.append(values, padding).reshape(-1, width) for values in (columns, rows))
    sampled = np.asarray(cv2.remap(normals, map_x, map_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), np.float32)
    return sampled.reshape(-1, 3)[: len(columns)]
