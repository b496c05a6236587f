"""A patch of a finished wall behind a picture that lies on it: its orthophoto drawn at the picture's size, and its heights."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import map_coordinates

from ...formats import RasterGrid, read_ortho_window
from ..height_map import HeightMap
from ..orthophoto import Orthophoto

Box = tuple[float, float, float, float]


@dataclass(frozen=True, kw_only=True)
class PatchHeights:
    """Heights of a wall, and the place of a picture on it in units of the wall's frame."""

    grid: RasterGrid
    heights_mm: NDArray[np.float32]  # (h, w) thousandths of a unit, without holes
    x_min: float  # of the picture's left side
    z_max: float  # of its top
    pixel: float  # units a px of the picture

    def at(self, places: NDArray[np.float64]) -> NDArray[np.float64]:
        """Heights (n,) in px of the picture at places (n, 2) px of it, by cubic splines."""
        column = (self.x_min + places[:, 0] * self.pixel - self.grid.x_min) / self.grid.pixel - 0.5
        row = (self.grid.z_max - self.z_max + places[:, 1] * self.pixel) / self.grid.pixel - 0.5
        heights = map_coordinates(self.heights_mm.astype(np.float64), [row, column], order=3, mode="nearest")
        return np.asarray(heights / (1000 * self.pixel), np.float64)


def draw_patch(orthophoto: Orthophoto, place: Box, size: tuple[int, int]) -> NDArray[np.uint8]:
    """RGBA (h, w, 4) of a place (left, top, right, bottom px) of an orthophoto at (width, height) px; clear beyond it."""
    across, down = size[0] / (place[2] - place[0]), size[1] / (place[3] - place[1])
    x = place[0] + (np.arange(size[0]) + 0.5) / across
    y = place[1] + (np.arange(size[1]) + 0.5) / down
    left, top = (max(0, math.floor(side) - 1) for side in place[:2])
    right = min(orthophoto.width, math.ceil(place[2]) + 1)
    bottom = min(orthophoto.height, math.ceil(place[3]) + 1)
    if right <= left or bottom <= top:
        return np.zeros((size[1], size[0], 4), np.uint8)
    window = read_ortho_window(orthophoto.folder / orthophoto.file, left, top, right - left, bottom - top)
    if min(across, down) < 1:
        smaller = max(1, round((right - left) * across)), max(1, round((bottom - top) * down))
        window = np.asarray(cv2.resize(window, smaller, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    columns = (x - left) * window.shape[1] / (right - left) - 0.5
    rows = (y - top) * window.shape[0] / (bottom - top) - 0.5
    map_x, map_y = np.meshgrid(columns.astype(np.float32), rows.astype(np.float32))
    drawn = np.asarray(cv2.remap(window, map_x, map_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), dtype=np.uint8)
    drawn[(y < 0) | (y > orthophoto.height)] = 0
    drawn[:, (x < 0) | (x > orthophoto.width)] = 0
    return drawn


def paste(picture: NDArray[np.uint8], ground: NDArray[np.uint8], left: int, top: int) -> NDArray[np.uint8]:
    """A copy of the ground (H, W, 3) with an RGBA picture (h, w, 4) over it, its corner at (left, top)."""
    pasted = ground.copy()
    height, width = picture.shape[:2]
    alpha = picture[..., 3:].astype(np.float32) / 255
    behind = ground[top : top + height, left : left + width]
    pasted[top : top + height, left : left + width] = (picture[..., :3] * alpha + behind * (1 - alpha) + 0.5).astype(np.uint8)
    return pasted


def heights_around(height: HeightMap, place: Box) -> tuple[RasterGrid, NDArray[np.float32]]:
    """Heights (h, w) mm, NaN in holes, over a place and as far again on each side.

    place: lowest x, lowest z, highest x, highest z, in units.
    """
    step, reach = height.step, max(place[2] - place[0], place[3] - place[1])
    left, right = (math.floor((x - height.x_min) / step) for x in (place[0] - reach, place[2] + reach))
    top, bottom = (math.floor((height.z_max - z) / step) for z in (place[3] + reach, place[1] - reach))
    rows, columns = slice(max(0, top), min(height.height, bottom + 1)), slice(max(0, left), min(height.width, right + 1))
    values = np.full((bottom + 1 - top, right + 1 - left), np.nan, np.float32)
    if rows.start < rows.stop and columns.start < columns.stop:
        known = height.read_heights()[rows, columns]
        values[rows.start - top : rows.stop - top, columns.start - left : columns.stop - left] = known
    grid = RasterGrid(
        x_min=height.x_min + left * step,
        z_max=height.z_max - top * step,
        pixel=step,
        width=values.shape[1],
        height=values.shape[0],
    )
    return grid, values


def missing_share(grid: RasterGrid, values: NDArray[np.float32], place: Box) -> float:
    """Part of a place (lowest x, lowest z, highest x, highest z) in which the heights (h, w) are NaN."""
    x, z, half = grid.x_centres(), grid.z_centres(), grid.pixel / 2
    rows = (z > place[1] - half) & (z < place[3] + half)
    columns = (x > place[0] - half) & (x < place[2] + half)
    return float(np.isnan(values[np.ix_(rows, columns)]).mean())
