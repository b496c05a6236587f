"""Shade on a plain ground: cast shadows, vignettes, paper that darkens towards a corner.

Shade has the ground's colour, only darker or lighter, and no edges: it is reached from the ground without a step. A figure's
outline is a step. A wash of paint that fades into the paper is like shade; what is taken off is therefore named to the user.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from .appearance import lab_from_srgb
from .components import connected_components
from .resampling import area_resized, reduced

Array32 = NDArray[np.float32]
Mask = NDArray[np.bool_]

_WORK_PX = 640
_BLUR_PX = 1.5
_STEEPEST, _MOST_STEEP = 0.02, 0.04  # change of sRGB values from one pixel to the next at working size, and at any: an edge
_PENUMBRA, _MOST_PENUMBRA = 0.3, 0.36  # slope for each sRGB value of darkening, at working size and at any: an outline is steeper
_HUE = 7.0  # of Lab: a and b may differ from those of the darkened ground by this, and by a part of the darkening
_HUE_SHARE = 0.12
_DARKEST = 0.3  # of the ground's lightness: cast shadows on paper stay above it
_GAP_PX = 3  # working px: shade does not leak through narrower gaps of an outline
_RIM_PX = 5  # working px between shade and an edge, where blur hides the shade
_LIKE = 0.09  # of sRGB values: pixels there that are shade, too
_LEAST = 0.004  # of the picture: less is no shadow
_SHARP = 1.5  # times the steepest slope of shade, that the outline within it must have


@dataclass(frozen=True)
class Shade:
    """`where` (h, w) what is shade and no figure; `darkest` and `lightest` of it, as parts of the ground's lightness."""

    where: Mask
    darkest: float
    lightest: float

    @property
    def part(self) -> float:
        return float(self.where.mean())


def find_shade(colour: Array32, mask: Mask, ground: Array32, plain: bool = True) -> Shade | None:
    """Shade within a mask (h, w) of what differs from a plain ground, on a picture (h, w, 3) of sRGB values, 0 to 1.

    ground: (3,) the ground's colour. plain: whether all outside the mask is ground; else only what is even there. None where
    there is no shade to speak of, or where nothing sharp would be left.
    """
    small, _ = reduced(colour, _WORK_PX)
    height, width = small.shape[:2]
    figure = area_resized(mask.astype(np.uint8) * np.uint8(255), width, height) > 127
    smooth = np.asarray(cv2.GaussianBlur(small, (0, 0), _BLUR_PX), dtype=np.float32)
    slope = _slope(smooth)
    lab = lab_from_srgb(smooth)
    of_ground = lab_from_srgb(ground.reshape(1, 1, 3))[0, 0]
    level = lab[..., 0] / max(float(of_ground[0]), 1.0)
    hue = _hue_off(lab[..., 1:], of_ground[1:], level)
    coarser = max(1.0, _WORK_PX / max(height, width))
    steepest = min(_MOST_STEEP, _STEEPEST * coarser)
    change = np.abs(smooth - ground).mean(axis=2)
    gentle = np.maximum(steepest, min(_MOST_PENUMBRA, _PENUMBRA * coarser) * change)
    even = (slope < gentle) & (level > _DARKEST) & (hue < _HUE + _HUE_SHARE * np.abs(lab[..., 0] - of_ground[0]))
    reached = _opened_flood(even, ~figure if plain else ~figure & even)
    shade = reached & figure
    if shade.mean() < _LEAST:
        return None
    whole = _with_rim(small, shade, figure)
    left = figure & ~whole
    if not _has_outline(left, whole, slope, _SHARP * steepest):
        return None
    rows, columns = mask.shape
    where = cv2.resize(whole.astype(np.float32), (columns, rows), interpolation=cv2.INTER_LINEAR) >= 0.5
    low, high = (float(value) for value in np.percentile(level[shade], (2, 98)))
    return Shade(where & mask, low, high)


def _hue_off(ab: Array32, of_ground: Array32, level: Array32) -> Array32:
    """How far a and b (h, w, 2) of Lab are from the ground's: as they are, scaled with the light (h, w), or between the two."""
    scale = np.clip(ab @ of_ground / max(float(of_ground @ of_ground), 1e-6), np.minimum(level, 1), np.maximum(level, 1))
    return np.asarray(np.linalg.norm(ab - scale[..., None] * of_ground, axis=-1), np.float32)


def _slope(smooth: Array32) -> Array32:
    """The largest change (h, w) of any channel from one pixel to the next."""
    across = cv2.Sobel(smooth, cv2.CV_32F, 1, 0, ksize=3) / 8
    down = cv2.Sobel(smooth, cv2.CV_32F, 0, 1, ksize=3) / 8
    return np.asarray(np.hypot(across, down).max(axis=2), dtype=np.float32)


def _opened_flood(open_: Mask, seeds: Mask) -> Mask:
    """What of `open_` can be reached from the seeds by a disc that no gap of `_GAP_PX` lets through."""
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * _GAP_PX + 1, 2 * _GAP_PX + 1))
    passable = (open_ | seeds).astype(np.uint8)
    core = cv2.erode(passable, disc, borderType=cv2.BORDER_CONSTANT, borderValue=1)
    labels, statistics = connected_components(core > 0)
    chosen = np.zeros(len(statistics), dtype=bool)
    chosen[np.unique(labels[seeds & (core > 0)])] = True
    chosen[0] = False
    return (cv2.dilate(chosen[labels].astype(np.uint8), disc) > 0) & (passable > 0)


def _with_rim(small: Array32, shade: Mask, figure: Mask) -> Mask:
    """The shade, and what of the figure's mask beside it has its colour: near an edge blur hides the slope of shade."""
    weight = shade.astype(np.float32)
    near = cv2.GaussianBlur(weight, (0, 0), _RIM_PX)
    mean = cv2.GaussianBlur(small * weight[..., None], (0, 0), _RIM_PX) / np.maximum(near, 1e-6)[..., None]
    alike = figure & (near > 0.02) & (np.abs(small - mean).max(axis=2) < _LIKE)
    grown = shade.astype(np.uint8)
    for _ in range(_RIM_PX):
        grown = cv2.dilate(grown, np.ones((3, 3), np.uint8)) & (alike | shade).astype(np.uint8)
    return np.asarray(grown > 0)


def _has_outline(left: Mask, shade: Mask, slope: Array32, sharp: float) -> bool:
    """Whether what is left of the figure meets the shade at an edge: a wash that fades into its darkest part does not."""
    beside = cv2.dilate(left.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    beside &= cv2.dilate(shade.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    return bool(left.any()) and bool(beside.any()) and float(np.median(slope[beside])) > sharp
