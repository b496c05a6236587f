"""Where in the world the subject is: from masks and cameras for an object, from points and cameras for a scene."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from ..contract import bad_input
from ..scene import Camera, Region

MASK_PX = 192  # longer side of the masks that carve
CELLS = 56  # of the carved grid, along each side
AGREE = 0.9  # of the views that look at a cell must see the subject there; of few views all
PADDING = 0.04  # of the box's longest side, added on each side of an object
_TAIL = 3.0  # percent of the points of a scene left outside of its box on each side

Mask = NDArray[np.bool_]


def object_region(cameras: Sequence[Camera], alphas: Sequence[NDArray[np.float32]], enlarged: float) -> Region:
    """The box of the visual cones' intersection (Laurentini 1994), carved twice: coarse, then within what was left.

    alphas: (h, w) per camera, 0 outside of the subject. Raises bad input where the cones have no common part: then the masks
    show different things, or the cameras are not theirs.
    """
    masks = [_reduced(alpha) for alpha in alphas]
    fitted = [camera.resized(mask.shape[1], mask.shape[0]) for camera, mask in zip(cameras, masks, strict=True)]
    low, high = _first_box(fitted, masks)
    for _ in range(2):
        occupied, axes = _carve(fitted, masks, low, high)
        if not occupied.any():
            raise bad_input(
                "the masks have no common part in space: no point is the subject in all pictures",
                "check that the masks show one and the same object, and that each camera belongs to its picture",
            )
        low, high = _extent(occupied, axes)
    padding = PADDING * float((high - low).max())
    return _box(low - padding, high + padding, enlarged, bounded=True)


def scene_region(cameras: Sequence[Camera], points: NDArray[np.floating] | None, enlarged: float) -> Region:
    """The box of nearly all points (3 % on each side of each axis may be outside); cameras among them stand inside it.

    Without points: a box about the place that the cameras look at, as large as they are far from it.
    """
    centres = np.stack([camera.position for camera in cameras])
    if points is None or len(points) < 8:
        focus = look_at_point(cameras)
        reach = 0.5 * float(np.median(np.linalg.norm(centres - focus, axis=1))) or 1.0
        return _box(focus - reach, focus + reach, enlarged, bounded=False)
    low, high = np.percentile(np.asarray(points, np.float64), [_TAIL, 100 - _TAIL], axis=0)
    inside = ((centres >= low) & (centres <= high)).all(axis=1)
    if inside.mean() > 0.5:  # taken from within: a room
        low, high = np.minimum(low, centres.min(0)), np.maximum(high, centres.max(0))
    padding = PADDING * float((high - low).max())
    return _box(low - padding, high + padding, enlarged, bounded=False)


def look_at_point(cameras: Sequence[Camera]) -> NDArray[np.float64]:
    """(3,) the point nearest to all cameras' lines of view, in the least-squares sense."""
    system, target = np.zeros((3, 3)), np.zeros(3)
    for camera in cameras:
        forward = camera.camera_from_world[2, :3]
        across = np.eye(3) - np.outer(forward, forward)
        system += across
        target += across @ camera.position
    return np.asarray(np.linalg.lstsq(system, target, rcond=1e-6)[0], np.float64)


def spread_of(cameras: Sequence[Camera], centre: NDArray[np.float64]) -> float:
    """Radians: the largest angle under which two cameras stand apart, seen from the subject."""
    directions = np.stack([camera.position - centre for camera in cameras])
    directions /= np.maximum(np.linalg.norm(directions, axis=1, keepdims=True), 1e-12)
    return float(np.arccos(np.clip((directions @ directions.T).min(), -1, 1)))


def _reduced(alpha: NDArray[np.float32]) -> Mask:
    """The mask small, with every pixel that the subject touches, so that thin limbs stay."""
    factor = min(1.0, MASK_PX / max(alpha.shape))
    size = (max(1, round(alpha.shape[1] * factor)), max(1, round(alpha.shape[0] * factor)))
    small = cv2.resize(alpha, size, interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.dilate((small > 0.05).astype(np.uint8), np.ones((3, 3), np.uint8)), bool)


def _first_box(cameras: Sequence[Camera], masks: Sequence[Mask]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """A cube about the middle of the masks' lines of view that holds each mask at the middle's distance."""
    middles, sizes = [], []
    for mask in masks:
        rows, columns = np.nonzero(mask)
        middles.append((columns.mean() + 0.5, rows.mean() + 0.5))
        sizes.append(np.hypot(np.ptp(columns) + 1, np.ptp(rows) + 1))
    turned = [_turned_to(camera, middle) for camera, middle in zip(cameras, middles, strict=True)]
    centre = look_at_point(turned)
    reach = max(
        0.75 * size * float(np.linalg.norm(camera.position - centre)) / camera.focal_x
        for camera, size in zip(cameras, sizes, strict=True)
    )
    return centre - reach, centre + reach


def _turned_to(camera: Camera, pixel: tuple[float, float]) -> Camera:
    """The camera turned so that it looks straight at a pixel; only its centre and direction are meant."""
    local = np.array([(pixel[0] - camera.centre_x) / camera.focal_x, (pixel[1] - camera.centre_y) / camera.focal_y, 1.0])
    forward = camera.camera_from_world[:3, :3].T @ (local / np.linalg.norm(local))
    helper = np.eye(3)[int(np.argmin(np.abs(forward)))]
    right = np.cross(helper, forward)
    right /= np.linalg.norm(right)
    matrix = np.eye(4)
    matrix[:3, :3] = np.stack([right, np.cross(forward, right), forward])
    matrix[:3, 3] = -matrix[:3, :3] @ camera.position
    return Camera(**{**vars(camera), "camera_from_world": matrix})


def _carve(
    cameras: Sequence[Camera], masks: Sequence[Mask], low: NDArray[np.float64], high: NDArray[np.float64]
) -> tuple[NDArray[np.bool_], list[NDArray[np.float64]]]:
    """Which of CELLS^3 cells of a box are the subject's, and the cells' middles along each axis.

    A cell out of a picture is neither seen nor carved by it, but half of all views must look at it.
    """
    axes = [low[axis] + (np.arange(CELLS) + 0.5) * (high[axis] - low[axis]) / CELLS for axis in range(3)]
    points = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, 3)
    looks, sees = np.zeros(len(points), np.int32), np.zeros(len(points), np.int32)
    for camera, mask in zip(cameras, masks, strict=True):
        pixels, depth = camera.project(points)
        column, row = np.floor(pixels).astype(np.int64).T
        inside = (depth > 0) & (column >= 0) & (column < camera.width) & (row >= 0) & (row < camera.height)
        looks += inside
        sees[inside] += mask[row[inside], column[inside]]
    occupied = (sees >= np.ceil(AGREE * looks - 1e-9)) & (looks >= 0.5 * len(cameras))
    return occupied.reshape(CELLS, CELLS, CELLS), axes


def _extent(occupied: NDArray[np.bool_], axes: Sequence[NDArray[np.float64]]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The box of the occupied cells, one cell wider on each side."""
    low, high = np.zeros(3), np.zeros(3)
    for axis, middles in enumerate(axes):
        used = np.flatnonzero(occupied.any(axis=tuple(other for other in range(3) if other != axis)))
        cell = middles[1] - middles[0]
        low[axis], high[axis] = middles[used[0]] - 1.5 * cell, middles[used[-1]] + 1.5 * cell
    return low, high


def _box(low: NDArray[np.float64], high: NDArray[np.float64], enlarged: float, bounded: bool) -> Region:
    centre, half = 0.5 * (low + high), 0.5 * (high - low)
    half = enlarged * np.maximum(half, 0.02 * half.max())  # a flat scene still has a thickness
    a, b = centre - half, centre + half
    return Region(
        lowest=(float(a[0]), float(a[1]), float(a[2])), highest=(float(b[0]), float(b[1]), float(b[2])), bounded=bounded
    )
