"""Matches of photos whose overlap is known: only points that lie in it are compared.

Photos of a capture share a half, a quarter or less. Points of the rest have no match, cost three quarters of the comparison
and more, and the ratio test throws away true matches that they happen to resemble.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pycolmap
from numpy.typing import NDArray

from ...contract import Progress
from ...photos import Photo
from .point_matcher import PhotoPoints, PointsOfPhotos, unit_descriptors
from .tie import Tie

FARTHEST = float(np.cos(0.7))  # least cosine of two descriptors that match: COLMAP's SiftMatchingOptions.max_distance
READ_AT_ONCE = 48  # photos whose points stay in memory; a photo's neighbours follow one another


def match_in_overlaps(
    path: Path,
    pairs: Sequence[tuple[int, int]],
    ties: Mapping[tuple[int, int], Tie],
    photos: Sequence[Photo],
    ratio: float,
    limits: tuple[float, int],
    report: Progress,
) -> None:
    """Match pairs, each of which has a tie, and write the matches into the database; their geometry is not looked at.

    limits: the margin in pixels of `overlap_matches`, and how many of a photo's largest points are compared (0: all).
    """
    margin_px, most = limits
    with pycolmap.Database.open(str(path)) as database:
        points = PointsOfPhotos(database, photos, READ_AT_ONCE)
        for pair in pairs:
            report.check()
            sides = [points.of(position) for position in pair]
            kept = [largest_points(side, most) for side in sides]
            first, second = (side.chosen(rows) for side, rows in zip(sides, kept, strict=True))
            found = overlap_matches(first, second, ties[pair], ratio, margin_px)
            rows = np.column_stack([kept[0][found[:, 0]], kept[1][found[:, 1]]])
            database.write_matches(pair[0] + 1, pair[1] + 1, rows.astype(np.uint32))


def largest_points(photo: PhotoPoints, most: int) -> NDArray[np.int64]:  # rows, ascending
    """The rows of a photo's largest points, all of them where `most` is 0."""
    if not 0 < most < len(photo.keypoints):
        return np.arange(len(photo.keypoints))
    size = np.hypot(photo.keypoints[:, 2], photo.keypoints[:, 4])
    return np.sort(np.argsort(-size, kind="stable")[:most])


def overlap_matches(
    first: PhotoPoints, second: PhotoPoints, tie: Tie, ratio: float, margin_px: float
) -> NDArray[np.int64]:  # (m, 2) rows of first, second
    """Mutual nearest neighbours, by the ratio test both ways, among the points that the other photo shows.

    margin_px: by which a point may lie outside of the other photo, as relief and perspective move it.
    """
    turn, shift = complex(*tie.turn), complex(*tie.shift)
    if turn == 0:
        return np.zeros((0, 2), np.int64)
    places = [side.keypoints[:, :2].astype(np.float64) @ np.array([1, 1j]) for side in (first, second)]
    shown = [
        np.flatnonzero(_inside((places[0] - shift) / turn, second, margin_px / abs(turn))),
        np.flatnonzero(_inside(turn * places[1] + shift, first, margin_px)),
    ]
    found = two_way_matches(unit_descriptors(first.descriptors[shown[0]]), unit_descriptors(second.descriptors[shown[1]]), ratio)
    return np.column_stack([shown[0][found[:, 0]], shown[1][found[:, 1]]])


def two_way_matches(
    first: NDArray[np.float32], second: NDArray[np.float32], ratio: float
) -> NDArray[np.int64]:  # (m, 2) rows of first, second
    """Mutual nearest neighbours of unit descriptors that pass Lowe's ratio test in both directions, as COLMAP's do."""
    if len(first) < 2 or len(second) < 2:
        return np.zeros((0, 2), np.int64)
    likeness = first @ second.T
    across = np.ascontiguousarray(likeness.T)  # NumPy looks along rows ten times as fast as along columns
    forward, clear, cosine = _best(likeness, ratio)
    back, clear_back, _ = _best(across, ratio)
    rows = np.arange(len(first))
    keep = (back[forward] == rows) & clear & clear_back[forward] & (cosine >= FARTHEST)
    return np.column_stack([rows[keep], forward[keep]])


def _best(likeness: NDArray[np.float32], ratio: float) -> tuple[NDArray[np.int64], NDArray[np.bool_], NDArray[np.float32]]:
    """Of each row its largest column, whether it passes the ratio test of angles, and its cosine. Writes over the table."""
    rows = np.arange(len(likeness))
    best = likeness.argmax(axis=1)
    top = likeness[rows, best]
    likeness[rows, best] = -1
    rival = likeness.max(axis=1)
    clear = np.arccos(np.clip(top, -1, 1)) < ratio * np.arccos(np.clip(rival, -1, 1))
    return best, clear, top


def _inside(place: NDArray[np.complex128], photo: PhotoPoints, margin_px: float) -> NDArray[np.bool_]:
    along = (place.real > -margin_px) & (place.real < photo.width + margin_px)
    return np.asarray(along & (place.imag > -margin_px) & (place.imag < photo.height + margin_px))
