"""Depths of many views matched with one another's photos, and those that several views agree on."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ...contract import Progress
from ...scene import Camera, View
from .matched_depth import Matched, matched_depth

Array = NDArray[np.float32]

_PARTNERS, _WITNESSES = 4, 8
_ANGLES_DEG = (6.0, 18.0, 45.0)  # between two photos' directions: less is not exact, the second is best, more shows other sides
_LARGEST_RATIO = 1.6  # of two photos' sizes of the subject
_LEAST_CORRELATION = 0.5
_FEWEST_WITNESSES = 2
_AGREE = 0.01  # of the depth: points of two views so near are the same


def matched_views(
    views: Sequence[View], depths: Sequence[Array], centre: NDArray[np.float64], spread: float, blur_px: float, report: Progress
) -> tuple[list[Array], list[NDArray[np.bool_]]]:
    """Depths (height, width) moved by at most the share `spread` to where photos agree, and which of them are confirmed.

    A depth is confirmed where its photos correlate and the depths of two other views agree with it. `centre` (3,), world: what
    the photos look at. Depths of 0 stay 0.
    """
    cameras = [view.camera for view in views]
    order = [_partners(cameras, index, centre) for index in range(len(views))]
    found: list[Matched] = []
    for index, view in enumerate(views):
        report(0.9 * index / len(views), f"matching view {index + 1} of {len(views)}")
        others = [views[other] for other in order[index][:_PARTNERS]]
        found.append(matched_depth(view, depths[index], others, spread, blur_px))
    moved = [one.depth for one in found]
    confirmed = []
    for index, one in enumerate(found):
        report(0.9 + 0.1 * index / len(views), "comparing the views' depths")
        witnesses = _witnesses(cameras, moved, index, order[index][:_WITNESSES])
        confirmed.append((one.correlation >= _LEAST_CORRELATION) & (witnesses >= _FEWEST_WITNESSES))
    return moved, confirmed


def _partners(cameras: Sequence[Camera], index: int, centre: NDArray[np.float64]) -> list[int]:
    """The other cameras that see the centre from another side and as large, best first."""
    offsets = np.array([camera.position - centre for camera in cameras])
    distances = np.linalg.norm(offsets, axis=1)
    sizes = np.array([camera.focal_x for camera in cameras]) / distances
    cosines = np.clip(offsets @ offsets[index] / (distances * distances[index]), -1, 1)
    angles_deg = np.degrees(np.arccos(cosines))
    ratio = np.maximum(sizes / sizes[index], sizes[index] / sizes)
    fit = (angles_deg >= _ANGLES_DEG[0]) & (angles_deg <= _ANGLES_DEG[2]) & (ratio <= _LARGEST_RATIO)
    fit[index] = False
    order = np.argsort(np.abs(angles_deg - _ANGLES_DEG[1]), kind="stable")
    return [int(other) for other in order if fit[other]]


def _witnesses(cameras: Sequence[Camera], depths: Sequence[Array], index: int, others: Sequence[int]) -> NDArray[np.int64]:
    """(h, w) how many of the other views have their own surface where this one's lies."""
    camera, depth = cameras[index], depths[index]
    points = (camera.position + depth[..., None] * camera.directions()).reshape(-1, 3)
    count = np.zeros(len(points), np.int64)
    for other in others:
        pixels, ahead = cameras[other].project(points)
        column, row = np.floor(pixels).astype(np.int64).T
        height, width = depths[other].shape
        inside = np.flatnonzero((ahead > 0) & (column >= 0) & (row >= 0) & (column < width) & (row < height))
        seen = depths[other][row[inside], column[inside]]
        count[inside] += (seen > 0) & (np.abs(seen - ahead[inside]) < _AGREE * ahead[inside])
    return np.where(depth > 0, count.reshape(depth.shape), 0)
