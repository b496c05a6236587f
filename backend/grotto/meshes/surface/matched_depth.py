"""How far a view's pixels are by its photo and others: depths near given ones, at which the photos agree best."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ...scene import Camera, View

Array = NDArray[np.float32]

_LUMINANCE = np.array([0.299, 0.587, 0.114], np.float32)  # ITU-R BT.601
_CONTRAST = 0.01  # standard deviation of values below which a window has no pattern to compare
_BEST = 2  # of the other photos: those that are hidden at a place do not count there
_STEP_PX = 0.8  # between tried depths, in the other photos
_FEWEST, _MOST = 4, 32  # steps to either side
_MARGIN_PX = 8
_UNKNOWN = np.float32(-1.0)


@dataclass(frozen=True)
class Matched:
    """Depths (height, width) along the view, 0 where none was given, and the correlation -1 to 1 that they reach."""

    depth: Array
    correlation: Array


def matched_depth(view: View, depth: Array, others: Sequence[View], spread: float, blur_px: float) -> Matched:
    """Move each depth by at most the share `spread` of it, to where windows of the photos correlate best.

    Plane sweeping along a given surface instead of planes (Collins 1996; normalised cross-correlation in Gaussian windows of
    standard deviation `blur_px`): windows follow the given surface, so its slant does no harm. A best depth at the end of the
    tried ones is no match: its correlation is -1.
    """
    height, width = depth.shape
    rows, columns = np.nonzero(depth > 0)
    if not len(rows) or not others:
        return Matched(depth, np.full((height, width), _UNKNOWN))
    down = slice(max(0, int(rows.min()) - _MARGIN_PX), int(rows.max()) + _MARGIN_PX + 1)
    across = slice(max(0, int(columns.min()) - _MARGIN_PX), int(columns.max()) + _MARGIN_PX + 1)
    part = depth[down, across]
    base = np.where(part > 0, part, np.median(part[part > 0])).astype(np.float32)
    rays = view.camera.directions()[down, across]
    lines = [_line(view.camera, rays, other.camera) for other in others]
    steps = _steps(lines, base, spread)
    costs = _correlations(_grey(view)[down, across], [_grey(other) for other in others], lines, base, spread, steps, blur_px)
    best = costs.argmax(axis=0)
    within = (best > 0) & (best < 2 * steps)
    place = best + _between(costs, np.clip(best, 1, 2 * steps - 1)) * within
    moved = np.zeros_like(depth)
    moved[down, across] = base * (1 + spread * (place - steps) / steps)
    reached = np.full((height, width), _UNKNOWN)
    reached[down, across] = np.where(within, costs.max(axis=0), _UNKNOWN)
    return Matched(np.where(depth > 0, moved, 0).astype(np.float32), np.where(depth > 0, reached, _UNKNOWN))


_Line = tuple[list[Array], NDArray[np.float32]]  # pixel in another photo at depth d, times its own depth: slope d + start


def _line(camera: Camera, rays: Array, other: Camera) -> _Line:
    intrinsic = np.array(
        [[other.focal_x, 0, other.centre_x - 0.5], [0, other.focal_y, other.centre_y - 0.5], [0, 0, 1]]
    )  # fmt: skip
    rotation, shift = other.camera_from_world[:3, :3], other.camera_from_world[:3, 3]
    slope = rays @ (intrinsic @ rotation).T.astype(np.float32)
    start = (intrinsic @ (rotation @ camera.position + shift)).astype(np.float32)
    return [np.ascontiguousarray(slope[..., axis]) for axis in range(3)], start


def _pixels(line: _Line, depth: Array) -> tuple[Array, Array]:
    slope, start = line
    ahead = slope[2] * depth + start[2]
    inverse = 1 / np.where(ahead > 1e-9, ahead, np.float32(np.nan))
    return (slope[0] * depth + start[0]) * inverse, (slope[1] * depth + start[1]) * inverse


def _steps(lines: Sequence[_Line], base: Array, spread: float) -> int:
    """How many depths to try to either side, so that one moves the pixel in a typical other photo by less than a pixel."""
    moves = []
    for line in lines:
        (u, v), (u_far, v_far) = _pixels(line, base), _pixels(line, base * np.float32(1 + spread))
        moves.append(float(np.nanmedian(np.hypot(u_far - u, v_far - v))))
    typical = float(np.nan_to_num(np.median(moves)))
    return int(np.clip(math.ceil(typical / _STEP_PX), _FEWEST, _MOST))


def _correlations(
    own: Array, others: Sequence[Array], lines: Sequence[_Line], base: Array, spread: float, steps: int, blur_px: float
) -> Array:
    """(2 * steps + 1, h, w): the mean of the best correlations with other photos at each tried depth."""
    side = 2 * round(2 * blur_px) + 1

    def blur(values: Array) -> Array:
        return np.asarray(cv2.GaussianBlur(values, (side, side), blur_px, borderType=cv2.BORDER_REFLECT), np.float32)

    mean = blur(own)
    variance = np.maximum(blur(own * own) - mean * mean, 0) + _CONTRAST**2
    costs = np.empty((2 * steps + 1, *base.shape), np.float32)
    for number in range(2 * steps + 1):
        tried = base * np.float32(1 + spread * (number - steps) / steps)
        found = np.empty((len(lines), *base.shape), np.float32)
        for index, (line, other) in enumerate(zip(lines, others, strict=True)):
            u, v = _pixels(line, tried)
            outside = ~((u >= 0) & (v >= 0) & (u <= other.shape[1] - 1) & (v <= other.shape[0] - 1))
            places = np.nan_to_num(u), np.nan_to_num(v)
            seen = np.asarray(cv2.remap(other, *places, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), np.float32)
            seen_mean = blur(seen)
            seen_variance = np.maximum(blur(seen * seen) - seen_mean * seen_mean, 0) + _CONTRAST**2
            found[index] = (blur(own * seen) - mean * seen_mean) / np.sqrt(variance * seen_variance)
            found[index][outside] = _UNKNOWN
        costs[number] = np.sort(found, axis=0)[-_BEST:].mean(axis=0)
    return costs


def _between(costs: Array, place: NDArray[np.intp]) -> Array:
    """Where between the steps the top of the parabola through three correlations lies, -0.5 to 0.5."""
    rows, columns = np.indices(place.shape)
    before, here, after = (costs[place + shift, rows, columns] for shift in (-1, 0, 1))
    bend = np.minimum(before - 2 * here + after, -1e-6)
    return np.clip(0.5 * (before - after) / bend, -0.5, 0.5).astype(np.float32)


def _grey(view: View) -> Array:
    return np.asarray(view.colour @ _LUMINANCE, np.float32)
