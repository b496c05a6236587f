"""Pairs that contradict a layout of similarities, and yet agree with the other pairs by way of homographies.

Photos taken by hand turn by some degrees. A wall then goes from one photo to the next by a homography, and the similarities of
pairs, each fitted to another strip of it, do not close: true pairs miss the layout like those of look-alikes. Homographies close.
"""

from __future__ import annotations

from collections.abc import Mapping

import cv2
import numpy as np
import scipy.sparse
import scipy.sparse.csgraph
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Pair = tuple[int, int]

ROUNDS = 6
HOP = 0.02  # against one over the inliers: a path of few good pairs is better than one of many


def homography(first: Floats, second: Floats, tolerance_px: float) -> Floats | None:
    """(3, 3) first_from_second of matched places (n, 2) in pixels, by RANSAC; None where there is none."""
    if len(first) < 4:
        return None
    found, _ = cv2.findHomography(second.astype(np.float64), first.astype(np.float64), cv2.RANSAC, tolerance_px)
    if found is None or abs(np.linalg.det(found)) < 1e-12:
        return None
    return np.asarray(found, np.float64)


def agreeing_pairs(
    count: int,
    trusted: Mapping[Pair, tuple[Floats, int]],
    doubtful: Mapping[Pair, tuple[Floats, Floats]],
    tolerance_px: float,
) -> set[Pair]:
    """The doubtful pairs whose matches obey the homographies of trusted pairs, chained from one photo to the other.

    Pairs found so are trusted in the next round, so that later chains are shorter.

    Args:
        count: of the photos
        trusted: by pair (first, second), first_from_second (3, 3) and the number of inliers
        doubtful: by pair, places (n, 2) of its matches in the first photo and in the second
        tolerance_px: most median miss, in pixels of the coarser photo
    """
    known = dict(trusted)
    left, found = dict(doubtful), set[Pair]()
    for _ in range(ROUNDS):
        chains = _chains(count, known, left)
        new = {pair for pair, chain in chains.items() if _miss_px(chain, *left[pair]) <= tolerance_px}
        if not new:
            break
        for pair in new:
            first, second = left.pop(pair)
            own = homography(first, second, tolerance_px)
            if own is not None:
                known[pair] = own, len(first)
        found |= new
    return found


def _chains(count: int, known: Mapping[Pair, tuple[Floats, int]], wanted: Mapping[Pair, object]) -> dict[Pair, Floats]:
    """first_from_second of each wanted pair along its best path of known pairs; pairs without a path are left out."""
    if not known:
        return {}
    rows, columns = np.array(list(known)).T
    costs = [HOP + 1 / max(inliers, 1) for _, inliers in known.values()]
    graph = scipy.sparse.coo_matrix((costs, (rows, columns)), shape=(count, count)).tocsr()
    starts = sorted({first for first, _ in wanted})
    _, before = scipy.sparse.csgraph.dijkstra(graph, directed=False, indices=starts, return_predecessors=True)
    chains = {}
    for first, second in wanted:
        parents, node, chain = before[starts.index(first)], second, np.eye(3)
        while node != first and parents[node] >= 0:
            parent = int(parents[node])
            chain = _step(known, parent, node) @ chain
            node = parent
        if node == first:
            chains[first, second] = chain
    return chains


def _step(known: Mapping[Pair, tuple[Floats, int]], first: int, second: int) -> Floats:
    if (first, second) in known:
        return known[first, second][0]
    return np.asarray(np.linalg.inv(known[second, first][0]), np.float64)


def _miss_px(first_from_second: Floats, first: Floats, second: Floats) -> float:
    """Median distance of the matches in the first photo's pixels, or in the second's where these are coarser."""
    mapped = np.column_stack([second, np.ones(len(second))]) @ first_from_second.T
    mapped *= np.sign(np.median(mapped[:, 2])) or 1.0
    if (mapped[:, 2] <= 1e-9).any():  # beyond the horizon: nothing that the chain shows
        return float("inf")
    places = mapped[:, :2] / mapped[:, 2:]
    spread = np.linalg.norm(first - np.median(first, axis=0), axis=1), np.linalg.norm(second - np.median(second, axis=0), axis=1)
    scale = float(np.median(spread[0]) / max(np.median(spread[1]), 1e-9))
    return float(np.median(np.linalg.norm(places - first, axis=1))) / max(scale, 1.0)
