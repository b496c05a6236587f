"""Cut out an element on a plain background: white or toned paper, lit evenly or nearly so."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from .components import connected_components, drop_specks, fill_holes
from .edges import soft_edges
from .resampling import reduced

Array32 = NDArray[np.float32]

WORK_PX = 2048
_RING = 0.01  # of the shorter side: the border that shows the background
_LEAST_RING = 0.6  # of the border must be background: elements may touch it
_MOST_SPREAD = 0.035  # of the background's colour, 0 to 1
_LEAST_STEP, _MOST_STEP = 0.03, 0.12  # between what is still background and what is not
_STEP = 4.5  # spreads
_LEAST_HOLE = 1.5e-4  # of the picture's area: a smaller enclosed patch of the background's colour is paint
_RINGING = 0.15  # of the contrast within 4 px
_SPECK = 3e-5  # of the picture's area


@dataclass(frozen=True)
class BackgroundPlane:
    """The background's colour as a plane: `plane` (3 coefficients of 1, x, y in 0..1; 3 channels), and its spread."""

    plane: NDArray[np.float64]
    spread: float
    part_of_border: float

    @property
    def plain(self) -> bool:
        return self.part_of_border >= _LEAST_RING and self.spread <= _MOST_SPREAD

    @property
    def step(self) -> float:
        """Largest difference (of any channel) from the background's colour that still counts as background."""
        return float(np.clip(_STEP * self.spread, _LEAST_STEP, _MOST_STEP))

    def colour(self, shape: tuple[int, int], rows: slice, columns: slice) -> Array32:
        """Its colour (h, w, 3) in a window of a picture of `shape`."""
        y = (np.arange(rows.start, rows.stop) + 0.5) / shape[0]
        x = (np.arange(columns.start, columns.stop) + 0.5) / shape[1]
        values = self.plane[0] + x[None, :, None] * self.plane[1] + y[:, None, None] * self.plane[2]
        return values.astype(np.float32)


def fit_background(colour: Array32) -> BackgroundPlane:
    """Fit a plane to the colours along the picture's border by trimmed least squares; outliers are dropped in six rounds."""
    height, width = colour.shape[:2]
    ring = max(1, round(_RING * min(height, width)))
    border = np.ones((height, width), dtype=bool)
    border[ring:-ring, ring:-ring] = False
    rows, columns = np.nonzero(border)
    values = colour[rows, columns].astype(np.float64)
    design = np.stack([np.ones(len(rows)), (columns + 0.5) / width, (rows + 0.5) / height], axis=1)
    off = np.abs(values - np.median(values, axis=0)).max(axis=1)
    plane = np.zeros((3, 3))
    for _ in range(6):
        used = off <= max(3.0 * float(np.median(off)), 2.0 / 255.0)
        plane = np.linalg.lstsq(design[used], values[used], rcond=None)[0]
        off = np.abs(values - design @ plane).max(axis=1)
    spread = 1.4826 * float(np.median(off))
    near = off <= np.clip(_STEP * spread, _LEAST_STEP, _MOST_STEP)
    return BackgroundPlane(plane, spread, float(near.mean()))


def plain_background_alpha(colour: Array32 | NDArray[np.uint8]) -> Array32 | None:
    """Opacity (h, w) of the foreground of a picture (h, w, 3); None where its background is not plain.

    Colours are sRGB values, 0 to 1 or bytes; of bytes only the surroundings of the contour become floats at full size.
    Background are pixels of its colour that are connected to the border, and enclosed patches (between legs, inside a loop of
    ribbon) that match the colour closely and are not tiny. Other light paint inside stays. All zero where nothing but
    background is on the picture.
    """
    small, _ = reduced(colour, WORK_PX)
    if colour.dtype == np.uint8:
        small = small / np.float32(255)
    background = fit_background(small)
    if not background.plain:
        return None
    height, width = small.shape[:2]
    residual = small - background.colour((height, width), slice(0, height), slice(0, width))
    off = np.abs(residual).max(axis=2)
    if background.spread > 2.0 / 255.0:  # texture or noise: single grains are not paint
        off = cv2.medianBlur(off, 3)
    # Compression rings beside strong edges: there, a small part of the nearby contrast is still background.
    ringing = _RINGING * cv2.dilate(off, np.ones((9, 9), np.uint8))
    mask = ~_background_mask(off <= np.maximum(background.step, ringing), residual, background)
    mask = drop_specks(fill_holes(mask, _SPECK * mask.size), max(4.0, _SPECK * mask.size))
    if not mask.any():
        return np.zeros(colour.shape[:2], np.float32)
    full = colour.shape[:2]
    band = 1.5 * max(full) / max(mask.shape) + 0.5
    return soft_edges(
        colour, mask.astype(np.float32), band, lambda rows, columns: background.colour((full[0], full[1]), rows, columns)
    )


def _background_mask(background_like: NDArray[np.bool_], residual: Array32, background: BackgroundPlane) -> NDArray[np.bool_]:
    labels, statistics = connected_components(background_like, corners=False)
    height, width = background_like.shape
    open_ = np.zeros(len(statistics), dtype=bool)
    edge = np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]])
    open_[np.unique(edge)] = True
    count = np.maximum(statistics[:, 4], 1)
    means = np.stack([np.bincount(labels.ravel(), residual[..., c].ravel(), len(statistics)) / count for c in range(3)], axis=1)
    spans = np.minimum(statistics[:, 2], statistics[:, 3])
    alike = np.abs(means).max(axis=1) <= max(1.5 * background.spread, 4.0 / 255.0)
    enclosed = alike & (statistics[:, 4] >= max(12.0, _LEAST_HOLE * height * width)) & (spans >= 3)
    chosen = open_ | enclosed
    chosen[0] = False
    return chosen[labels]
