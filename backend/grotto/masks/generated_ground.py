"""Cut an object out of the ground that a diffusion model draws behind it: grey, but noisy, shaded and compressed.

The ground is a smooth surface of colour, seeded along the border and fitted to all that is like it; what its noise does not
explain is the object, found as a minimal contour, because single pixels do not decide.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from .appearance import lab_from_srgb
from .components import connected_components, drop_specks, fill_holes
from .edges import soft_edges
from .prompted import border_log_odds, contour_cost, minimal_contour

Array32 = NDArray[np.float32]
Array64 = NDArray[np.float64]
Mask = NDArray[np.bool_]

_RING = 0.025  # of the shorter side
_ORDERS = (1, 2, 3, 4)  # of the polynomial, round by round: more ground is known, and bends more
_BLUR_PX = 1.4  # over which noise averages out
_MOST_NOISE = 0.05  # of sRGB values: what is rougher is no ground
_LEAST_BORDER = 0.6  # of the border must be ground
_SHADE = 0.025  # of sRGB values: so near to the surface so far, a pixel may be ground in another light
_LEAST_DEVIATION = 0.0015  # of the smoothed ground: 8-bit steps
_UNLIKELY = 20.0  # squared deviations of three channels: one pixel of ground in 6000 has more
_MOST_ODDS, _AGREE, _AGREE_RIM = 4.0, 0.2, 0.25  # as for marked elements: how much pixels weigh against the contour's length
_STEPS = 120
_EDGE_BLUR_PX = 1.0
_RINGING, _BLOCK_PX, _RINGING_ODDS = 0.15, 25, -1.0
_LEAST_CONTRAST = 0.035  # of sRGB values: an area that differs less is shade
_HOLE, _SPECK = 1e-4, 2e-3  # of the picture's area
_BAND_PX = 1.5


@dataclass(frozen=True)
class SmoothGround:
    """A polynomial surface of colour, with the covariance of its smoothed noise."""

    colour: Array32  # (h, w, 3)
    unlikely: Array32  # (h, w) squared deviation of the smoothed picture from it, by the noise's covariance
    noise: float  # standard deviation of single pixels, sRGB values
    part_of_border: float


def generated_ground_alpha(colour: Array32) -> Array32 | None:
    """Opacity (h, w) of the object on a generated view (h, w, 3), sRGB values 0 to 1; None where its ground is not even.

    All zero where nothing but ground is there.
    """
    colour = np.ascontiguousarray(colour, np.float32)
    ground = fit_smooth_ground(colour)
    if ground.noise > _MOST_NOISE or ground.part_of_border < _LEAST_BORDER:
        return None
    lab = lab_from_srgb(colour)
    off = np.abs(cv2.GaussianBlur(colour, (0, 0), _BLUR_PX) - ground.colour).max(axis=2)
    odds = np.clip((ground.unlikely - np.float32(_UNLIKELY)) / 4, -_MOST_ODDS, _MOST_ODDS)
    # Compression spreads a strong edge's colour over its blocks: there, a small part of the nearby contrast may be ground.
    ringing = off < _RINGING * cv2.dilate(off, np.ones((_BLOCK_PX, _BLOCK_PX), np.uint8))
    odds = np.where(ringing, np.minimum(odds, np.float32(_RINGING_ODDS)), odds).astype(np.float32)
    mask = _contour((-_AGREE * odds).astype(np.float32), contour_cost(lab, _EDGE_BLUR_PX), None)
    mask = _distinct(drop_specks(mask, _SPECK * mask.size), off)
    if not mask.any():
        return np.zeros(mask.shape, np.float32)
    rim = border_log_odds(lab, mask)
    mask = _contour((-_AGREE_RIM * rim).astype(np.float32), contour_cost(lab, 0.7), mask.astype(np.float32))
    mask = drop_specks(_without_painted_holes(fill_holes(mask, _HOLE * mask.size), off), _SPECK * mask.size)
    if not mask.any():
        return np.zeros(mask.shape, np.float32)
    return soft_edges(colour, mask.astype(np.float32), _BAND_PX, lambda rows, columns: ground.colour[rows, columns])


def fit_smooth_ground(colour: Array32) -> SmoothGround:
    """Fit a smooth surface of colour to the ground of a picture (h, w, 3), from its border inwards."""
    height, width = colour.shape[:2]
    smooth = np.asarray(cv2.GaussianBlur(colour, (0, 0), _BLUR_PX), dtype=np.float32)
    ring = max(3, round(_RING * min(height, width)))
    border = np.ones((height, width), dtype=bool)
    border[ring:-ring, ring:-ring] = False
    used = border
    surface, unlikely = smooth, np.zeros((height, width), np.float32)
    for order in _ORDERS:
        surface = _surface(smooth, used, order)
        off = smooth - surface
        unlikely = _unlikeliness(off, used)
        like = (unlikely < _UNLIKELY) | (np.abs(off).max(axis=2) < _SHADE)
        labels, _ = connected_components(like, corners=False)
        reached = np.unique(labels[border & like])
        used = np.isin(labels, reached[reached > 0])
        if used.sum() < border.sum() / 4:
            break
    rough = np.abs(colour - surface)[used] if used.any() else np.ones((1, 3), np.float32)
    return SmoothGround(surface, unlikely, 1.4826 * float(np.median(rough)), float((used & border).sum() / border.sum()))


def _surface(smooth: Array32, used: Mask, order: int) -> Array32:
    """The polynomial (h, w, 3) of `order` in x and y that fits the used pixels best; in four rounds outliers are dropped."""
    height, width = used.shape
    rows, columns = np.nonzero(used)
    if len(rows) > 20_000:
        kept = np.random.default_rng(0).choice(len(rows), 20_000, replace=False)
        rows, columns = rows[kept], columns[kept]
    x, y = (np.linspace(-1, 1, width), np.linspace(-1, 1, height))
    design = _terms(x[columns], y[rows], order)
    values = smooth[rows, columns].astype(np.float64)
    off = np.abs(values - np.median(values, axis=0)).max(axis=1)
    factors = np.zeros((design.shape[1], 3))
    for _ in range(4):
        near = off <= max(3.0 * float(np.median(off)), _SHADE)
        factors = np.linalg.lstsq(design[near], values[near], rcond=None)[0]
        off = np.abs(values - design @ factors).max(axis=1)
    grid = np.meshgrid(x, y)
    return (_terms(grid[0].ravel(), grid[1].ravel(), order) @ factors).reshape(height, width, 3).astype(np.float32)


def _terms(x: Array64, y: Array64, order: int) -> Array64:
    return np.stack([x**i * y**j for i in range(order + 1) for j in range(order + 1 - i)], axis=1)


def _unlikeliness(off: Array32, used: Mask) -> Array32:
    """Squared Mahalanobis distance (h, w) of deviations (h, w, 3), by the covariance of the half of the used that is nearest."""
    samples = off[used].astype(np.float64)
    nearest = np.abs(samples).max(axis=1)
    core = samples[nearest <= 2.5 * np.median(nearest) + _LEAST_DEVIATION]
    covariance = np.cov(core.T) + _LEAST_DEVIATION**2 * np.eye(3)
    return np.asarray(np.einsum("hwi,ij,hwj->hw", off, np.linalg.inv(covariance).astype(np.float32), off), dtype=np.float32)


def _distinct(mask: Mask, off: Array32) -> Mask:
    """The components of a mask (h, w) that differ from the ground by more than shade does; off: (h, w) how much."""
    labels, statistics = connected_components(mask)
    kept = np.array([label > 0 and float(np.median(off[labels == label])) > _LEAST_CONTRAST for label in range(len(statistics))])
    return kept[labels]


def _without_painted_holes(mask: Mask, off: Array32) -> Mask:
    """The mask (h, w) with the enclosed holes filled that differ from the ground: pale paint, and no gap."""
    labels, statistics = connected_components(~mask, corners=False)
    height, width = mask.shape
    filled = np.zeros(len(statistics), dtype=bool)
    for label, (left, top, across, down, _) in enumerate(statistics):
        enclosed = left > 0 and top > 0 and left + across < width and top + down < height
        filled[label] = label > 0 and enclosed and float(np.median(off[labels == label])) > _LEAST_CONTRAST
    return mask | filled[labels]


def _contour(unary: Array32, cost: tuple[Array32, Array32], start: Array32 | None) -> Mask:
    return minimal_contour(unary, cost, start, _STEPS) >= 0.5
