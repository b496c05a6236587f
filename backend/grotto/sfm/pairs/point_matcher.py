"""A matcher that is passed in: its matches of a pair's largest points, and those of the other points that follow them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pycolmap
from numpy.typing import NDArray

from ...contract import Progress
from ...photos import Photo
from .choosing import mutual_matches
from .projective import homography

FOLLOWS = 0.02  # of the photo's longer side: relief moves points off the homography of their pair by as much
_LEAST = 8  # matches that a homography is trusted with


@dataclass(frozen=True)
class PhotoPoints:
    """The points of one photo, as the database holds them."""

    keypoints: NDArray[np.float32]  # (n, 6) place in px, affine shape
    descriptors: NDArray[np.uint8]  # (n, 128)
    width: int
    height: int

    def chosen(self, rows: NDArray[np.int64]) -> PhotoPoints:
        """The photo with these points alone."""
        return PhotoPoints(self.keypoints[rows], self.descriptors[rows], self.width, self.height)


PointMatcher = Callable[[PhotoPoints, PhotoPoints], NDArray[np.int64]]  # rows (m, 2) of matched points, each point once


class PointsOfPhotos:
    """The points of photos, read when they are asked for; those asked for last stay in memory, all of them without `most`."""

    def __init__(self, database: pycolmap.Database, photos: Sequence[Photo], most: int = 0) -> None:
        self._database, self._photos, self._most = database, photos, most
        self._read: dict[int, PhotoPoints] = {}

    def of(self, position: int) -> PhotoPoints:
        """The points of the photo at this position."""
        if position in self._read:
            self._read[position] = self._read.pop(position)  # the last in order
        else:
            if 0 < self._most <= len(self._read):
                del self._read[next(iter(self._read))]
            keypoints = np.asarray(self._database.read_keypoints(position + 1), np.float32).reshape(-1, 6)
            descriptors = np.asarray(self._database.read_descriptors(position + 1).data, np.uint8).reshape(-1, 128)
            photo = self._photos[position]
            self._read[position] = PhotoPoints(keypoints, descriptors, photo.width, photo.height)
        return self._read[position]


def write_matches(
    path: Path,
    pairs: Sequence[tuple[int, int]],
    photos: Sequence[Photo],
    matcher: PointMatcher,
    ratio: float,
    report: Progress,
) -> None:
    """Match the pairs and write the matches into the database at `path`; their geometry is not looked at."""
    with pycolmap.Database.open(str(path)) as database:
        points = PointsOfPhotos(database, photos)
        for first, second in pairs:
            report.check()
            rows = with_followers(matcher(points.of(first), points.of(second)), points.of(first), points.of(second), ratio)
            database.write_matches(first + 1, second + 1, rows.astype(np.uint32))


def with_followers(rows: NDArray[np.int64], first: PhotoPoints, second: PhotoPoints, ratio: float) -> NDArray[np.int64]:  # (k, 2)
    """The matches, and those of the ratio test among the other points that lie where the matches' homography puts them."""
    if len(rows) < _LEAST:
        return rows
    tolerance = FOLLOWS * max(first.width, first.height)
    places = first.keypoints[rows[:, 0], :2].astype(np.float64), second.keypoints[rows[:, 1], :2].astype(np.float64)
    first_from_second = homography(*places, tolerance)
    if first_from_second is None:
        return rows
    left = [np.setdiff1d(np.arange(len(side.keypoints)), rows[:, number]) for number, side in enumerate((first, second))]
    unit = unit_descriptors(first.descriptors[left[0]]), unit_descriptors(second.descriptors[left[1]])
    found = mutual_matches(*unit, ratio)
    more = np.column_stack([left[0][found[:, 0]], left[1][found[:, 1]]])
    place = np.column_stack([second.keypoints[more[:, 1], :2], np.ones(len(more))]) @ first_from_second.T
    with np.errstate(divide="ignore", invalid="ignore"):
        miss = np.linalg.norm(place[:, :2] / place[:, 2:] - first.keypoints[more[:, 0], :2], axis=1)
    return np.concatenate([rows, more[np.nan_to_num(miss, nan=np.inf) < tolerance]])


def unit_descriptors(descriptors: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Descriptors (n, 128) of unit length."""
    values = descriptors.astype(np.float32)
    return np.asarray(values / np.maximum(np.linalg.norm(values, axis=1, keepdims=True), 1e-6), np.float32)
