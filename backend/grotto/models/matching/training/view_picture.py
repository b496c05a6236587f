"""What a made view shows, and how a camera spoils it: gamma, gain, slope of light, blur, noise, JPEG."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from .view_map import VIEW_HEIGHT, VIEW_WIDTH, ViewMap

Picture = NDArray[np.uint8]


def draw_view(wall: Picture, view: ViewMap) -> Picture:
    """The grey view (h, w) of a grey wall, one bilinear sample a pixel: views are at most 1.7 times as coarse as the wall."""
    columns, rows = np.meshgrid(np.arange(VIEW_WIDTH) + 0.5, np.arange(VIEW_HEIGHT) + 0.5)
    at = _float32(view.to_wall(np.column_stack([columns.ravel(), rows.ravel()])) - 0.5).reshape(*columns.shape, 2)
    shown = cv2.remap(wall, at[..., 0], at[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101)
    return np.asarray(shown, np.uint8)


def spoil(picture: Picture, random: np.random.Generator) -> Picture:
    """The picture (h, w) as another exposure, lens and file would have it."""
    light = _float32((picture.astype(np.float32) / 255) ** np.float32(random.uniform(0.8, 1.25)))
    if random.random() < 0.5:
        light = _float32(cv2.GaussianBlur(light, (0, 0), random.uniform(0.3, 1.1)))
    across, down = np.meshgrid(np.linspace(-1, 1, light.shape[1]), np.linspace(-1, 1, light.shape[0]))
    slope = 1 + random.uniform(-0.15, 0.15) * across + random.uniform(-0.15, 0.15) * down
    light = _float32(light * slope.astype(np.float32) * np.float32(random.uniform(0.75, 1.15)))
    light = _float32(light + random.normal(0, random.uniform(0.002, 0.02), light.shape).astype(np.float32))
    levels = np.clip(np.round(255 * light), 0, 255).astype(np.uint8)
    _, file = cv2.imencode(".jpg", levels, [cv2.IMWRITE_JPEG_QUALITY, int(random.integers(55, 96))])
    return np.asarray(cv2.imdecode(file, cv2.IMREAD_GRAYSCALE), np.uint8)


def _float32(values: object) -> NDArray[np.float32]:
    return np.asarray(values, np.float32)
