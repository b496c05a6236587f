"""Who touches whom in a triangle mesh: edges, fans around vertices, islands, borders. Functions of the faces alone."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

Faces = NDArray[np.integer]


def half_edges(faces: Faces) -> NDArray[np.int64]:
    """(3 m, 2) start and end of each side; row 3 f + k is the side of face f from its corner k to the next."""
    wide = faces.astype(np.int64)
    return np.stack([wide, np.roll(wide, -1, axis=1)], axis=2).reshape(-1, 2)


def edge_keys(sides: NDArray[np.int64]) -> NDArray[np.int64]:
    """(n,) one number an edge, the same in both directions."""
    low, high = sides.min(axis=1), sides.max(axis=1)
    return low * (int(high.max(initial=0)) + 1) + high


def grouped_edges(faces: Faces) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Half-edges sorted so that those of one edge lie together: their order (3 m,), first rows (e,) and counts (e,)."""
    keys = edge_keys(half_edges(faces))
    order = np.argsort(keys, kind="stable")
    _, first, count = np.unique(keys[order], return_index=True, return_counts=True)
    return order, first.astype(np.int64), count.astype(np.int64)


def same_faces(faces: Faces) -> NDArray[np.int64]:
    """(m,) for each face the number of the set of three vertices that it has."""
    ordered = np.sort(faces, axis=1)
    order = np.lexsort(ordered.T)
    new = np.ones(len(faces), bool)
    new[1:] = (ordered[order[1:]] != ordered[order[:-1]]).any(axis=1)
    group = np.empty(len(faces), np.int64)
    group[order] = np.cumsum(new) - 1
    return group


def mates(faces: Faces) -> NDArray[np.int64]:
    """(3 m,) the half-edge on the other side, where exactly two faces meet in opposite directions; -1 elsewhere."""
    sides = half_edges(faces)
    order, first, count = grouped_edges(faces)
    one, two = order[first[count == 2]], order[first[count == 2] + 1]
    opposite = sides[one, 0] == sides[two, 1]
    mate = np.full(len(sides), -1, np.int64)
    mate[one[opposite]], mate[two[opposite]] = two[opposite], one[opposite]
    return mate


def labelled(pairs: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """(count,) the number of the component that each of `count` things is in, joined by pairs (n, 2)."""
    ones = np.ones(len(pairs), np.int8)
    graph = coo_matrix((ones, (pairs[:, 0], pairs[:, 1])), shape=(count, count))
    return np.asarray(connected_components(graph, directed=False)[1], np.int64)


def corner_classes(faces: Faces, mate: NDArray[np.int64]) -> NDArray[np.int64]:
    """(3 m,) corners that are one vertex when faces hang together by their mates only."""
    side = np.flatnonzero(mate >= 0)
    other = mate[side]
    start, end = side, _next(side)
    pairs = np.concatenate([np.stack([start, _next(other)], axis=1), np.stack([end, other], axis=1)])
    return labelled(pairs, 3 * len(faces))


def face_islands(faces: Faces, mate: NDArray[np.int64]) -> NDArray[np.int64]:
    """(m,) the island that each face is in, when faces hang together by their mates."""
    side = np.flatnonzero(mate >= 0)
    return labelled(np.stack([side // 3, mate[side] // 3], axis=1), len(faces))


def border_loops(faces: Faces, mate: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    """The loops of half-edges without a mate, each in the order in which its faces run; fans must be whole."""
    sides = half_edges(faces)
    lone = np.flatnonzero(mate < 0)
    by_start = {int(sides[side, 0]): int(side) for side in lone}
    loops: list[NDArray[np.int64]] = []
    left = dict(by_start)
    while left:
        start, side = left.popitem()
        loop = [side]
        end = int(sides[side, 1])
        while end != start and end in left:
            side = left.pop(end)
            loop.append(side)
            end = int(sides[side, 1])
        loops.append(np.array(loop, np.int64))
    return loops


def extra_fans(faces: Faces, mate: NDArray[np.int64]) -> int:
    """How many fans of faces meet others in a single vertex only."""
    if not len(faces):
        return 0
    corners = faces.reshape(-1).astype(np.int64)
    pairs = np.unique(np.stack([corners, corner_classes(faces, mate)], axis=1), axis=0)
    return int(len(pairs) - len(np.unique(corners)))


def _next(side: NDArray[np.int64]) -> NDArray[np.int64]:
    return side - side % 3 + (side + 1) % 3
