"""A database of matches with fewer points: those in the longest tracks, spread over each photo.

A photo's pose and lens are known from a thousand points as well as from ten thousand, and the time of mapping goes with them.
The points left out come back once the cameras are known.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pycolmap
import scipy.sparse
import scipy.sparse.csgraph
from numpy.typing import NDArray

GRID = 8  # cells a side in which a photo's points are spread
POINTS = 768  # of a photo, about, in a large set
IN_ALL = 40_000  # of a small set: the focal length of few photos hangs on every point
FEW = 200  # matches of a pair that are all kept

Whole = NDArray[np.int64]


def thin_matches(matches: Path, target: Path, points: int = 0) -> float:
    """Write `target` with the verified matches among chosen points; returns the part of the matches that it has.

    points: of a photo, about; 0 takes `POINTS`, and more in a small set.
    """
    shutil.copyfile(matches, target)
    with pycolmap.Database.open(str(target)) as database:
        places = {
            image.image_id: np.asarray(database.read_keypoints(image.image_id), np.float64)[:, :2]
            for image in database.read_all_images()
        }
        pair_ids, geometries = database.read_two_view_geometries()
        pairs = [pycolmap.pair_id_to_image_pair(pair_id) for pair_id in pair_ids]
        inliers = [np.asarray(geometry.inlier_matches, np.int64) for geometry in geometries]
        chosen = _chosen(places, pairs, inliers, points or max(POINTS, IN_ALL // max(len(places), 1)))
        before = after = 0
        for (first, second), geometry, rows in zip(pairs, geometries, inliers, strict=True):
            kept = rows[chosen[first][rows[:, 0]] & chosen[second][rows[:, 1]]]
            before, after = before + len(rows), after + len(kept)
            if len(kept) == len(rows):
                continue
            geometry.inlier_matches = kept.astype(np.uint32)
            database.update_two_view_geometry(first, second, geometry)
            database.delete_matches(first, second)
            database.write_matches(first, second, kept.astype(np.uint32))
    return after / max(before, 1)


def _chosen(
    places: dict[int, NDArray[np.float64]], pairs: list[tuple[int, int]], inliers: list[Whole], points: int
) -> dict[int, NDArray[np.bool_]]:
    """Which points of each photo are kept: whole tracks, longest first, until every cell of their photos has its share."""
    ids = sorted(places)
    counts = np.array([len(places[image_id]) for image_id in ids])
    start = dict(zip(ids, np.concatenate([[0], np.cumsum(counts)[:-1]]), strict=True))
    total = int(counts.sum())
    ends = [np.column_stack([rows[:, 0] + start[a], rows[:, 1] + start[b]]) for (a, b), rows in zip(pairs, inliers, strict=True)]
    links = np.concatenate([np.zeros((0, 2), np.int64), *ends])
    graph = scipy.sparse.coo_matrix((np.ones(len(links), np.int8), (links[:, 0], links[:, 1])), shape=(total, total))
    _, track = scipy.sparse.csgraph.connected_components(graph, directed=False)
    length = np.bincount(track)
    cell = np.concatenate([_cells(places[image_id]) + GRID * GRID * index for index, image_id in enumerate(ids)])
    tied = np.flatnonzero(length[track] > 1)
    by_track = tied[np.argsort(track[tied], kind="stable")]
    firsts = np.flatnonzero(np.diff(track[by_track], prepend=-1))
    members = np.split(by_track, firsts[1:])
    order = np.argsort([-len(rows) for rows in members], kind="stable")
    room = np.full(GRID * GRID * len(ids), max(1, points // (GRID * GRID)))
    kept = np.zeros(total, bool)
    for weak in (rows for rows in ends if len(rows) <= FEW):
        kept[weak] = True
    for number in order:
        rows = members[number]
        if (room[cell[rows]] > 0).any():
            kept[rows] = True
            np.subtract.at(room, cell[rows], 1)
    return {image_id: kept[start[image_id] : start[image_id] + len(places[image_id])] for image_id in ids}


def _cells(place: NDArray[np.float64]) -> Whole:
    """The cell of a photo in which each of its points lies."""
    if not len(place):
        return np.zeros(0, np.int64)
    low, high = place.min(axis=0), place.max(axis=0)
    cell = np.clip(((place - low) / np.maximum(high - low, 1e-6) * GRID).astype(np.int64), 0, GRID - 1)
    return np.asarray(cell[:, 1] * GRID + cell[:, 0], np.int64)
