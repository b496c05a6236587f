"""A figure as a stack of layers: the pixels that each layer shows, continued by inpainting under nearer layers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt

from ...masks import box_slices, mask_bounds, padded_box
from .stepped import inflated_heights

Bytes = NDArray[np.uint8]
Array32 = NDArray[np.float32]
Labels = NDArray[np.int32]

_PURE = 0.98  # opacity from which a pixel shows nothing but the figure
_INPAINT_PX = 600  # longer side at which hidden places are inpainted: they are seen in passing
_RADIUS_PX = 5.0
_SURE_PX = 4.0  # at that size: a pixel this close to a nearer layer may show that layer's line
_MARGIN_PX = 2  # of clear pixels around a layer
_FADE = 0.3  # of the reach, over which the hidden part fades out
_EVEN = 0.03  # of the longer side, over which a layer's inflation is smoothed


@dataclass(frozen=True)
class LayerPicture:
    """A layer's part of the picture: `rgba` (h, w, 4) straight, its first pixel at (left, top) of the picture."""

    rgba: Bytes
    left: int
    top: int


def group_layers(order: Sequence[int], level: Sequence[int], most: int) -> tuple[tuple[int, ...], ...]:
    """Group parts, with their levels, into at most `most` layers from back to front; a layer holds neighbouring levels."""
    highest = max(level)
    count = min(most, highest + 1)
    place = [one * count // (highest + 1) for one in level]
    return tuple(tuple(part for part, at in zip(order, place, strict=True) if at == layer) for layer in range(count))


def layer_map(labels: Labels, layers: Sequence[Sequence[int]], size: tuple[int, int]) -> Bytes:
    """(H, W) the layer, 1 the backmost, that each pixel of a larger picture shows, extended beyond the figure.

    labels: (h, w) 0 outside, else parts; size: W, H. Borders run smoothly between the pixels of the smaller map.
    """
    rows, columns = distance_transform_edt(labels == 0, return_distances=False, return_indices=True)
    whole = labels[rows, columns]
    best = np.full((size[1], size[0]), -np.inf, np.float32)
    found = np.zeros((size[1], size[0]), np.uint8)
    for number, parts in enumerate(layers, start=1):
        share = cv2.resize(np.isin(whole, parts).astype(np.float32), size, interpolation=cv2.INTER_CUBIC)
        nearer = share > best
        found[nearer] = number
        best[nearer] = share[nearer]
    return found


def layer_picture(colour: Bytes, alpha: Array32, shown: Bytes, number: int, reach_px: float) -> LayerPicture | None:
    """One layer of a picture (h, w, 3) with its opacity (h, w); None where it shows nothing.

    shown: (h, w) the layer each pixel shows. The picture's own pixels where the layer shows; under nearer layers it is
    continued up to `reach_px`, no farther than these cover, so that nothing changes from the front.
    """
    own = (shown == number) & (alpha > 0)
    bounds = mask_bounds(own)
    if bounds is None:
        return None
    reach = int(np.ceil(reach_px)) + _MARGIN_PX
    left, top, right, bottom = padded_box(bounds, reach, own.shape[1], own.shape[0])
    window = np.s_[top:bottom, left:right]
    own, nearer = own[window], (shown[window] > number) & (alpha[window] >= _PURE)
    away = cv2.distanceTransform((~own).astype(np.uint8), cv2.DIST_L2, 5)
    # a place nearer to the ground than to the layer would show beside the nearer layer, and is not needed
    ground = cv2.distanceTransform(np.pad((alpha[window] >= _PURE).astype(np.uint8), 1), cv2.DIST_L2, 5)[1:-1, 1:-1]
    left_over = np.minimum(reach_px - away, ground - away)
    under = np.where(nearer, np.clip(left_over / max(1.0, _FADE * reach_px), 0, 1), 0)
    opacity = np.where(own, alpha[window], under).astype(np.float32)
    painted = _continued(colour[window], own & (alpha[window] >= _PURE), nearer, opacity > 0)
    pixels = np.where((own & (alpha[window] >= _PURE))[..., None], colour[window], painted)
    rgba = np.dstack([pixels, (opacity * 255 + np.float32(0.5)).astype(np.uint8)])
    return LayerPicture(*_trimmed(rgba, left, top))


def _continued(colour: Bytes, known: NDArray[np.bool_], nearer: NDArray[np.bool_], wanted: NDArray[np.bool_]) -> Bytes:
    """(h, w, 3) the known pixels' colours extended to all others: inpainted (Telea 2004) where they are wanted."""
    height, width = known.shape
    part = min(1.0, _INPAINT_PX / max(height, width))
    size = max(1, round(width * part)), max(1, round(height * part))
    away = cv2.distanceTransform((~nearer).astype(np.uint8), cv2.DIST_L2, 5) if nearer.any() else np.full(known.shape, 1e6)
    for margin in (_SURE_PX / part, 1.0, 0.0):
        sure = known & (away > margin)
        if sure.sum() > 0.2 * known.sum() or (margin == 0 and sure.any()):
            break
    else:
        sure = np.ones_like(known)  # nothing is purely the figure's: its mixed pixels stay
    weight = sure.astype(np.float32)
    share = cv2.resize(weight, size, interpolation=cv2.INTER_AREA)
    mean = cv2.resize(colour * weight[..., None], size, interpolation=cv2.INTER_AREA) / np.maximum(share, 1e-6)[..., None]
    there = share > 0.5 if (share > 0.5).any() else share > 0
    rows, columns = distance_transform_edt(~there, return_distances=False, return_indices=True)
    small = np.clip(mean[rows, columns] + np.float32(0.5), 0, 255).astype(np.uint8)
    needed = cv2.resize(wanted.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST) > 0
    hole = (needed & ~there).astype(np.uint8)
    if hole.any():
        small = np.asarray(cv2.inpaint(small, hole, _RADIUS_PX, cv2.INPAINT_TELEA), np.uint8)
    return np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR), np.uint8)


def _trimmed(rgba: Bytes, left: int, top: int) -> tuple[Bytes, int, int]:
    """Crop clear borders, except a small margin."""
    bounds = mask_bounds(rgba[..., 3])
    if bounds is None:
        return rgba, left, top
    box = padded_box(bounds, _MARGIN_PX, rgba.shape[1], rgba.shape[0])
    return np.ascontiguousarray(rgba[box_slices(box)]), left + box[0], top + box[1]


def layer_inflation(labels: Labels, parts: Sequence[int]) -> Array32:
    """Inflation (h, w) px of a layer of these parts by itself, smoothed; 0 far from it."""
    heights = inflated_heights(np.isin(labels, parts))
    return np.asarray(cv2.GaussianBlur(heights.astype(np.float32), (0, 0), _EVEN * max(labels.shape)), np.float32)


def layer_grid(opacity: Bytes, cells: int) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """A grid over an opacity (h, w), about `cells` along its longer side: places (n, 2) px and triangles (m, 3).

    Only cells with visible pixels; triangles run clockwise with y down, which is counter-clockwise to a viewer.
    """
    height, width = opacity.shape
    side = max(height, width) / cells
    across, down = max(1, round(width / side)), max(1, round(height / side))
    x, y = np.linspace(0, width, across + 1), np.linspace(0, height, down + 1)
    sums = np.zeros((height + 1, width + 1))
    sums[1:, 1:] = (opacity > 0).cumsum(0, dtype=np.float64).cumsum(1)
    top, bottom = np.floor(y[:-1]).astype(int), np.ceil(y[1:]).astype(int)
    left, right = np.floor(x[:-1]).astype(int), np.ceil(x[1:]).astype(int)
    top, left = np.maximum(top - 1, 0), np.maximum(left - 1, 0)  # filters look a pixel further
    bottom, right = np.minimum(bottom + 1, height), np.minimum(right + 1, width)
    filled = sums[np.ix_(bottom, right)] - sums[np.ix_(top, right)] - sums[np.ix_(bottom, left)] + sums[np.ix_(top, left)] > 0
    row, column = np.nonzero(filled)
    first = row * (across + 1) + column
    below = first + across + 1
    faces = np.concatenate([np.stack([first, below, first + 1], 1), np.stack([first + 1, below, below + 1], 1)])
    used, corners = np.unique(faces, return_inverse=True)
    places = np.stack([x[used % (across + 1)], y[used // (across + 1)]], axis=1)
    return places, corners.reshape(-1, 3)
