"""The sheets of a stack of layers: where each stands, how far it bulges, and its mesh."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ..body import Placement
from .layers import LayerPicture, layer_grid, layer_inflation

Labels = NDArray[np.int32]

_CELLS = 40  # of a layer's grid along its longer side
_CLEAR_GAP = 0.8  # of the gap, which the bulge of a layer may take: the layer behind never comes through


@dataclass(frozen=True)
class LayerMesh:
    """A layer's sheet in the element's frame, at y = 0, its front towards -y."""

    vertices: NDArray[np.float32]  # (n, 3) m
    faces: NDArray[np.int64]  # (m, 3)
    uv: NDArray[np.float32]  # (n, 2)


def bulges_m(
    labels: Labels, layers: Sequence[Sequence[int]], pixels_per_m: float, share: float, gap_m: float
) -> list[NDArray[np.float32]]:
    """How far each layer stands out (h, w) m over the labels, the same share of its own inflation for all layers.

    pixels_per_m: of the labels. share: of the inflation that is wanted; less where a layer would reach the next, `gap_m` away.
    """
    heights = [layer_inflation(labels, parts) / pixels_per_m for parts in layers]
    highest = max(float(height.max()) for height in heights)
    scale = min(share, _CLEAR_GAP * gap_m / highest) if highest > 0 else 0.0
    return [scale * height for height in heights]


def layer_mesh(
    picture: LayerPicture, height_m: NDArray[np.float32], window: tuple[int, int, int, int], placement: Placement
) -> LayerMesh:
    """A grid under a layer's picture, standing out by `height_m` (h, w), which covers a window of the whole picture, px."""
    left, top, right, bottom = window
    enlarged = np.asarray(cv2.resize(height_m, (right - left, bottom - top), interpolation=cv2.INTER_LINEAR), np.float32)
    rows, columns = picture.rgba.shape[:2]
    places, faces = layer_grid(picture.rgba[..., 3], _CELLS)
    inner = places + np.array([picture.left, picture.top])
    row = np.clip(inner[:, 1].astype(int), 0, enlarged.shape[0] - 1)
    column = np.clip(inner[:, 0].astype(int), 0, enlarged.shape[1] - 1)
    x, z = placement.x_z_m(inner + np.array([left, top]))
    return LayerMesh(
        vertices=np.stack([x, -enlarged[row, column], z], axis=1).astype(np.float32),
        faces=faces,
        uv=(places / np.array([columns, rows])).astype(np.float32),
    )
