"""Matching guided by the layout: a point is sought where the layout puts it, not in the whole other photo.

The layout knows to a few hundredths of a photo where photos overlap. Within that reach a point has a few hundred candidates
instead of ten thousand, and look-alikes farther away cannot take the place of the true one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import pycolmap
from numpy.typing import NDArray

from ...contract import Progress
from ...photos import Photo
from ..align import Complex
from .choosing import Pairs
from .point_matcher import PhotoPoints, PointsOfPhotos, unit_descriptors
from .projective import Pair

REACH = 0.06  # of the photo's longer side: relief, perspective and the layout's own error move points by as much
FARTHEST = 0.7  # radians between descriptors (COLMAP's `max_distance`)
FLAT_POINTS = 2048  # of a photo: a flat wall has no relief that more points would show
READ_AT_ONCE = 48  # photos whose points stay in memory; a photo's neighbours follow one another
WEAK = 0.25  # of a pair's matches obey one geometry: fewer may mean that the layout is wrong there


@dataclass(frozen=True)
class _Side:
    """Points of one photo in the first photo's frame, sorted by the cells of a grid."""

    place: Complex  # (n,) px
    unit: NDArray[np.float32]  # (n, 128) descriptors of length 1
    rows: NDArray[np.int64]  # (n,) of the photo's points
    cells: dict[tuple[int, int], slice]


def guided_matches(
    first: PhotoPoints, second: PhotoPoints, turn: complex, shift: complex, ratio: float, reach: float = REACH
) -> NDArray[np.int64]:
    """Mutual nearest neighbours among the points within reach that pass Lowe's ratio test: (m, 2) rows of first, second.

    The layout says z_first = turn z_second + shift. The ratio is that of angles between descriptors, as COLMAP has it, and the
    second neighbour is the second within reach.
    """
    size = reach * max(first.width, first.height)
    a = _side(first, _places(first), size)
    b = _side(second, turn * _places(second) + shift, size)
    count_a, count_b = len(first.keypoints), len(second.keypoints)
    best, likeness, next_likeness = np.full(count_a, -1), np.full(count_a, -1.0), np.full(count_a, -1.0)
    back, back_likeness = np.full(count_b, -1), np.full(count_b, -1.0)
    for mine, theirs in _neighbourhoods(a, b):
        alike = a.unit[mine] @ b.unit[theirs].T
        apart = a.place[mine, None] - b.place[None, theirs]
        alike[apart.real**2 + apart.imag**2 > size**2] = -1.0
        rows, columns = a.rows[mine], b.rows[theirs]
        found, top = alike.argmax(axis=1), alike.max(axis=1)
        best[rows], likeness[rows] = columns[found], top
        found_back, top_back = alike.argmax(axis=0), alike.max(axis=0)
        better = top_back > back_likeness[columns]
        back[columns[better]], back_likeness[columns[better]] = rows[found_back[better]], top_back[better]
        alike[np.arange(len(rows)), found] = -1.0
        next_likeness[rows] = alike.max(axis=1)
    near, next_near = _angle(likeness), _angle(next_likeness)
    chosen = np.flatnonzero((likeness > 0) & (near < ratio * next_near) & (near < FARTHEST))
    chosen = chosen[back[best[chosen]] == chosen]
    return np.column_stack([chosen, best[chosen]]).astype(np.int64)


def write_guided_matches(
    path: Path,
    batch: Sequence[Pair],
    pairs: Pairs,
    photos: Sequence[Photo],
    ratio: float,
    report: Progress,
) -> dict[Pair, int]:
    """Match the pairs that the layout ties; write the matches into the database at `path`, and return how many each has."""
    found: dict[Pair, int] = {}
    with pycolmap.Database.open(str(path)) as database:
        points = PointsOfPhotos(database, photos, READ_AT_ONCE)
        for first, second in batch:
            placed = pairs.similarity(first, second)
            if placed is None:
                continue
            report.check()
            sides = points.of(first), points.of(second)
            kept = [largest_points(side, FLAT_POINTS if pairs.flat else len(side.keypoints)) for side in sides]
            a, b = (side.chosen(rows) for side, rows in zip(sides, kept, strict=True))
            found_rows = guided_matches(a, b, *placed, ratio)
            rows = np.column_stack([kept[0][found_rows[:, 0]], kept[1][found_rows[:, 1]]])
            database.write_matches(first + 1, second + 1, rows.astype(np.uint32))
            found[first, second] = len(rows)
    return found


def largest_points(photo: PhotoPoints, most: int) -> NDArray[np.int64]:
    """Rows (k,) of a photo's largest points, ascending."""
    if len(photo.keypoints) <= most:
        return np.arange(len(photo.keypoints))
    size = np.hypot(photo.keypoints[:, 2], photo.keypoints[:, 4])
    return np.sort(np.argsort(-size, kind="stable")[:most])


def forget_weak(path: Path, matched: Mapping[Pair, int], least_inliers: int) -> Collection[Pair]:
    """The pairs of which too few matches obey one geometry; the database forgets their matches."""
    weak = set()
    with pycolmap.Database.open(str(path)) as database:
        for (first, second), count in matched.items():
            verified = database.exists_two_view_geometry(first + 1, second + 1)
            inliers = len(database.read_two_view_geometry(first + 1, second + 1).inlier_matches) if verified else 0
            if inliers < max(least_inliers, WEAK * count):
                weak.add((first, second))
                database.delete_matches(first + 1, second + 1)
                database.delete_two_view_geometry(first + 1, second + 1)
    return weak


def _places(points: PhotoPoints) -> Complex:
    places = points.keypoints[:, :2].astype(np.float64)
    return places[:, 0] + 1j * places[:, 1]


def _side(points: PhotoPoints, place: Complex, cell_px: float) -> _Side:
    column, row = np.floor(place.real / cell_px).astype(np.int64), np.floor(place.imag / cell_px).astype(np.int64)
    order = np.lexsort((column, row))
    descriptors = unit_descriptors(points.descriptors[order])
    keys = np.column_stack([row[order], column[order]])
    starts = np.flatnonzero(np.any(np.diff(keys, axis=0, prepend=keys[:1] - 1) != 0, axis=1))
    cells = {(int(keys[s, 0]), int(keys[s, 1])): slice(int(s), int(e)) for s, e in pairwise([*starts, len(keys)])}
    return _Side(place[order], descriptors, order, cells)


def _neighbourhoods(a: _Side, b: _Side) -> Iterator[tuple[slice, NDArray[np.int64]]]:
    """Each cell of `a` with the points of `b` in it and around it."""
    for (row, column), mine in a.cells.items():
        around = [b.cells.get((row + y, column + x)) for y in (-1, 0, 1) for x in (-1, 0, 1)]
        theirs = [np.arange(cell.start, cell.stop) for cell in around if cell is not None]
        if theirs:
            yield mine, np.concatenate(theirs)


def _angle(likeness: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.arccos(np.clip(likeness, -1.0, 1.0))
