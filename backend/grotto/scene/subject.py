"""The subject in its scene: the thing that the cameras look at together, found among the sparse points.

A box about a whole scene gives a statue in a square a handful of cells. The subject's own box is what lies inside of the
ring of cameras, near to all of their optical axes, above the ground, and seen from sides that are wide apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .camera import Camera
from .ground import ground_plane
from .region import Region
from .subject_in_pictures import box_in_middles, points_in_middles

Array = NDArray[np.float64]

LOOK_AT_IT = 0.6  # of the cameras have the subject's middle in front, within half of their field of view
WIDEST_GAP = 2.1  # radians (120 degrees), between neighbours in azimuth, of cameras that stand all round
FILLS = 0.5  # of a picture's middle half is covered by the subject's box, as the mean of the pictures
SHOWN = 0.15  # of the points in a picture's middle half lie in that box, as the mean: bare or lean subjects show few
SMALLER = 0.6  # of the scene's longest side: a larger subject is the scene
_INNER = 0.8  # of the cameras' distance: what is farther from the middle than this surrounds it
_WIDE = 0.14  # radians (8 degrees), between two views of a point
_SURE = 3  # views of a point: those of two alone are often wrong, and are taken only where there are too few others
_FEWEST_POINTS = 30
_LINK = 0.06  # of the cameras' distance: points nearer than this belong together
_COLUMN = 0.35  # of the cameras' distance from the middle: points there count for much
_BESIDE = 0.15  # of the main part's size: smaller parts that near belong to it
_SHARE = 0.02  # of the main part's weight: less is noise
_STANDS = 0.1  # of the main part's weight: what stands above it, so heavy, belongs to it
_TAIL = 0.5  # percent of the points on each side of each axis
_PADDING = 0.08  # of the longest side
_ON_GROUND = 0.015  # of the cameras' distance: as thick is the ground
_ROUNDS = 12


@dataclass(frozen=True, kw_only=True)
class Subject:
    """What the cameras look at together."""

    region: Region
    all_round: bool  # cameras stand on all sides of it, it fills their pictures' middle, and more lies around it
    given: bool = False  # the user's own box: nothing widens it


def find_subject(
    cameras: Sequence[Camera], points: NDArray[np.floating] | None, sights: Sequence[NDArray[np.int64]], scene: Region
) -> Subject | None:
    """The subject of a scene, or None where the cameras do not look at one place, or few points are there.

    points (n, 3) world; sights: for each camera the rows of the points that it shows. scene: the box of all points.
    """
    looks, focus = looked_at(cameras)
    if focus is None or points is None or len(points) < _FEWEST_POINTS:
        return None
    places = np.stack([camera.position for camera in cameras])
    reach = float(np.median(np.linalg.norm(places[looks] - focus, axis=1)))
    up = mean_up(cameras)
    at = np.asarray(points, np.float64)
    weight = _seen_widely(at, places, sights) * np.exp(-((_across(at - focus, up) / (_COLUMN * reach)) ** 2))
    inner = np.linalg.norm(at - focus, axis=1) < _INNER * reach
    ground = ground_plane(at, places, focus, up, reach)
    above = inner if ground is None else inner & (ground.heights(at) > _ON_GROUND * reach)
    chosen = np.flatnonzero(above & (weight > 0) & (_views_of(sights, len(at)) >= _SURE))
    if len(chosen) < _FEWEST_POINTS:
        chosen = np.flatnonzero(above & (weight > 0))
    if len(chosen) < _FEWEST_POINTS:
        return None
    part = main_part(at[chosen], weight[chosen], _LINK * reach)
    main = chosen[with_what_stands_above(at[chosen], weight[chosen], part, _LINK * reach, up)]
    if len(main) < _FEWEST_POINTS:
        return None
    low, high = np.percentile(at[main], [_TAIL, 100 - _TAIL], axis=0)
    padding = _PADDING * float((high - low).max())
    low, high = low - padding, high + padding
    if ground is not None:
        low, high = ground.reached_by(low, high, _ON_GROUND * reach)
    if ((places > low) & (places < high)).all(axis=1).any():
        return None
    region = region_between(low, high)
    return Subject(
        region=region,
        all_round=_largest_gap(places[looks] - focus, up) <= WIDEST_GAP
        and float((high - low).max()) <= SMALLER * float(scene.size.max())
        and box_in_middles(cameras, region) >= FILLS
        and points_in_middles(cameras, at, sights, region) >= SHOWN,
    )


def region_between(low: Array, high: Array) -> Region:
    """The box as a region of a scene, which goes on outside of it."""
    (a, b, c), (d, e, f) = low.tolist(), high.tolist()
    return Region(lowest=(a, b, c), highest=(d, e, f), bounded=False)


def looked_at(cameras: Sequence[Camera]) -> tuple[NDArray[np.bool_], Array | None]:
    """Which cameras look at the common place, and that place (3,): the point with the least sum of distances to the axes.

    Iteratively reweighted least squares. None where fewer than LOOK_AT_IT of the cameras have it in front, within half of
    their field of view: from within a room, cameras look away from the middle.
    """
    places = np.stack([camera.position for camera in cameras])
    forwards = np.stack([camera.camera_from_world[2, :3] for camera in cameras])
    across = np.eye(3) - forwards[:, :, None] * forwards[:, None, :]
    weights = np.ones(len(cameras))
    focus = np.zeros(3)
    for _ in range(_ROUNDS):
        system = (weights[:, None, None] * across).sum(0)
        focus = np.linalg.lstsq(system, (weights[:, None] * np.einsum("nij,nj->ni", across, places)).sum(0), rcond=1e-6)[0]
        away = np.linalg.norm(np.einsum("nij,nj->ni", across, focus - places), axis=1)
        weights = 1 / np.maximum(away, 1e-3 * float(np.median(np.linalg.norm(places - focus, axis=1))) + 1e-12)
    towards = focus - places
    distance = np.maximum(np.linalg.norm(towards, axis=1), 1e-12)
    half = np.array([np.arctan2(0.5 * min(camera.width, camera.height), camera.focal_x) for camera in cameras])
    looks = np.asarray((towards * forwards).sum(1) / distance > np.cos(0.5 * half), np.bool_)
    return looks, focus if looks.mean() >= LOOK_AT_IT else None


def main_part(points: Array, weights: NDArray[np.floating], link: float) -> NDArray[np.int64]:
    """Rows of the connected part of the points (n, 3) that weighs most, and of smaller parts beside it.

    Points are connected where their cells of side `link` touch; sparse points are linked over four times their usual gap.
    """
    from scipy import ndimage
    from scipy.spatial import cKDTree

    gap = float(np.median(cKDTree(points).query(points, k=2)[0][:, 1]))
    cells = np.floor((points - points.min(0)) / max(link, 4 * gap)).astype(np.int64)
    filled = np.zeros(cells.max(0) + 1, bool)
    filled[tuple(cells.T)] = True
    labels = ndimage.label(filled, np.ones((3, 3, 3)))[0][tuple(cells.T)]
    heavy = np.bincount(labels, weights)
    main = int(np.argmax(heavy))
    low, high = points[labels == main].min(0), points[labels == main].max(0)
    margin = _BESIDE * float((high - low).max())
    kept = labels == main
    for other in np.flatnonzero(heavy >= _SHARE * heavy[main]):
        mine = points[labels == other]
        kept |= (labels == other) & bool(((mine > low - margin) & (mine < high + margin)).all())
    return np.flatnonzero(kept)


def with_what_stands_above(
    points: Array, weights: NDArray[np.floating], main: NDArray[np.int64], link: float, up: Array
) -> NDArray[np.int64]:
    """Rows of the main part and of a part above it in its column, no higher than the main part is large.

    Thin supports, as the legs of a figure on a plinth, show no points: the figure is not connected to its plinth.
    """
    helper = np.eye(3)[int(np.argmin(np.abs(up)))]
    east = np.cross(helper, up) / np.linalg.norm(np.cross(helper, up))
    placed = points @ np.stack([east, np.cross(up, east), up]).T
    low, high = placed[main].min(0), placed[main].max(0)
    size = float((high - low).max())
    margin = np.array([_BESIDE * size, _BESIDE * size, 0.0])
    inside = ((placed > low - margin) & (placed < high + margin + [0, 0, 2 * size])).all(1)
    inside[main] = False
    rest = np.flatnonzero(inside & (placed[:, 2] > high[2] - 0.5 * (high[2] - low[2])))
    if len(rest) < _FEWEST_POINTS:
        return main
    above = rest[main_part(points[rest], weights[rest], link)]
    near = placed[above, 2].min() < high[2] + size
    heavy = weights[above].sum() >= _STANDS * weights[main].sum()
    return np.sort(np.concatenate([main, above])) if near and heavy else main


def mean_up(cameras: Sequence[Camera]) -> Array:
    """(3,) the mean up of the pictures, unit."""
    up = -np.stack([camera.camera_from_world[1, :3] for camera in cameras]).mean(0)
    return np.asarray(up / max(float(np.linalg.norm(up)), 1e-12), np.float64)


def _across(offsets: Array, up: Array) -> Array:
    return np.asarray(np.linalg.norm(offsets - (offsets @ up)[:, None] * up, axis=1), np.float64)


def _views_of(sights: Sequence[NDArray[np.int64]], points: int) -> NDArray[np.int64]:
    return np.bincount(np.concatenate(list(sights)), minlength=points)


def _seen_widely(points: Array, places: Array, sights: Sequence[NDArray[np.int64]]) -> Array:
    """(n,) how many views show each point; 0 where the outermost of them lie less than _WIDE apart.

    The angle is twice the largest one to the mean direction, which is at most the true one and at least half of it.
    """
    count, mean = np.zeros(len(points)), np.zeros_like(points)
    directions = []
    for place, rows in zip(places, sights, strict=True):
        towards = place - points[rows]
        towards /= np.maximum(np.linalg.norm(towards, axis=1, keepdims=True), 1e-12)
        directions.append(towards)
        count[rows] += 1
        mean[rows] += towards
    mean /= np.maximum(np.linalg.norm(mean, axis=1, keepdims=True), 1e-12)
    least = np.ones(len(points))
    for rows, towards in zip(sights, directions, strict=True):
        least[rows] = np.minimum(least[rows], (towards * mean[rows]).sum(1))
    return np.where(2 * np.arccos(np.clip(least, -1, 1)) >= _WIDE, count, 0.0)


def _largest_gap(offsets: Array, up: Array) -> float:
    """Radians between neighbours in azimuth about `up`, the largest."""
    helper = np.eye(3)[int(np.argmin(np.abs(up)))]
    east = np.cross(helper, up)
    east /= np.linalg.norm(east)
    angles = np.sort(np.arctan2(offsets @ np.cross(up, east), offsets @ east))
    return float(np.diff(angles, append=angles[0] + 2 * np.pi).max())
