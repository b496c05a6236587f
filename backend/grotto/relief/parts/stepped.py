"""Relief of a figure whose parts lie before one another: each part is inflated by itself upon the parts behind it.

After Ink-and-Ray (Sykora et al. 2014): a part's height is fixed at its own contour (Dirichlet) and free where a nearer part hides
it (Neumann), so that it continues under that part. Parts are low; most of the volume is the inflation of the whole figure.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt, map_coordinates
from scipy.sparse import coo_array, diags_array
from scipy.sparse.linalg import splu

Array64 = NDArray[np.float64]
Labels = NDArray[np.int32]

_WHOLE = 0.7  # of the plain inflation that is kept
_OWN = 0.04  # of the longer side: no part is inflated higher above the parts behind it, so that it has no steep sides
_RIDGE = 1e-7  # regularisation for parts that nearer ones hide all around
_SOFT_PX = 1.6  # over which a step is rounded
_RIM_PX = (1.0, 5.0)  # from the outline, between which steps become soft
_MOST = 3.0  # times the plain height: where a step meets the outline


def step_factor(labels: Labels, order: Sequence[int], step_px: float) -> Array64:
    """Factor (h, w) of the plain inflation's heights, extended beyond the figure.

    labels: 0 outside, parts 1 to n. order: parts from back to front. step_px: height of a part's contour above the parts that it
    hides, px of the labels.
    """
    inside = labels > 0
    if len(order) < 2:
        return np.ones(labels.shape)
    plain = inflated_heights(inside)
    rank = np.full(int(labels.max()) + 1, -1)
    rank[list(order)] = np.arange(len(order))
    most = _OWN * max(labels.shape)
    stood = np.zeros(labels.shape)
    for part in order:
        own = labels == part
        base = _solved(labels, part, rank, np.where(inside & ~own, stood + step_px, 0.0), 0.0)
        bump = np.sqrt(np.maximum(_solved(labels, part, rank, np.zeros(labels.shape), 4.0), 0))
        stood = np.where(own, base + most * np.tanh(bump / most), stood)
    heights = _WHOLE * plain + stood
    ratio = np.clip(_softened(heights, labels) / np.maximum(plain, 1e-6), 0, _MOST)
    rows, columns = distance_transform_edt(~inside, return_distances=False, return_indices=True)
    return np.asarray(ratio[rows, columns])


def sampled_factor(factor: Array64, places: Array64) -> Array64:
    """A factor (h, w) at places (n, 2) px of its labels, bilinear and constant beyond the border."""
    return np.asarray(map_coordinates(factor, (places - 0.5)[:, ::-1].T, order=1, mode="nearest"), np.float64)


def inflated_heights(inside: NDArray[np.bool_]) -> Array64:
    """Inflation (h, w) px of a mask: Poisson's equation on its pixels, 0 along its outline."""
    return np.sqrt(np.maximum(_solved(inside.astype(np.int32), 1, [0, 0], np.zeros(inside.shape), 4.0), 0))


def _solved(labels: Labels, part: int, rank: Sequence[int] | NDArray[np.int64], given: Array64, source: float) -> Array64:
    """Solve for u (h, w) of one part with a Laplacian of -source; 0 elsewhere.

    At borders with parts behind it and with the outside, u is `given` (h, w) on the other side; at nearer parts its slope is 0.
    """
    padded, values = np.pad(labels, 1), np.pad(given, 1)
    own = np.flatnonzero(padded == part)
    number = np.full(padded.size, -1)
    number[own] = np.arange(len(own))
    flat, width = padded.ravel(), padded.shape[1]
    diagonal, right = np.full(len(own), _RIDGE), np.full(len(own), source)
    rows, columns = [], []
    ranks = np.asarray(rank)
    for away in (-1, 1, -width, width):
        beside = own + away
        other = flat[beside]
        joined = other == part
        rows.append(np.flatnonzero(joined))
        columns.append(number[beside[joined]])
        held = ~joined & (ranks[other] < ranks[part] if part else np.zeros(len(own), bool))
        held |= other == 0
        weight = np.where(held, 2.0, joined)  # the contour runs half a pixel away
        diagonal += weight
        right += np.where(held, 2.0 * values.ravel()[beside], 0)
    row, column = np.concatenate(rows), np.concatenate(columns)
    system = diags_array(diagonal) - coo_array((np.ones(len(row)), (row, column)), shape=(len(own), len(own)))
    found = np.zeros(padded.size)
    found[own] = splu(system.tocsc()).solve(right)
    return found.reshape(padded.shape)[1:-1, 1:-1]


def _softened(heights: Array64, labels: Labels) -> Array64:
    """Round off the steps of heights (h, w), away from the outline."""
    inside = labels > 0
    lowest = cv2.erode(np.where(inside, labels, 2**15).astype(np.float32), np.ones((3, 3), np.uint8))
    step = inside & (cv2.dilate(labels.astype(np.float32), np.ones((3, 3), np.uint8)) != lowest)
    if not step.any():
        return heights
    away = distance_transform_edt(np.pad(inside, 1))[1:-1, 1:-1]
    weight = np.clip((away - _RIM_PX[0]) / (_RIM_PX[1] - _RIM_PX[0]), 0, 1)
    weight *= np.clip((4 * _SOFT_PX - distance_transform_edt(~step)) / (2 * _SOFT_PX), 0, 1)
    known = cv2.GaussianBlur(inside.astype(np.float64), (0, 0), _SOFT_PX)
    soft = cv2.GaussianBlur(heights * inside, (0, 0), _SOFT_PX) / np.maximum(known, 1e-9)
    return np.asarray((1 - weight) * heights + weight * soft)
