"""Normals of points from their neighbours, turned to one side."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import breadth_first_order, connected_components, minimum_spanning_tree
from scipy.spatial import cKDTree

_NEIGHBOURS = 16


def point_normals(
    points: NDArray[np.floating], viewpoints: NDArray[np.floating] | None = None, *, neighbours: int = _NEIGHBOURS
) -> NDArray[np.float64]:
    """Unit normals (n, 3) of points (n, 3): the direction in which their neighbours spread least.

    They look to `viewpoints` (n, 3) or (3,), a place from which each point was seen. Without these, neighbours are made to
    agree along a tree of the least differences, from the highest point, which looks up (Hoppe et al. 1992): right for
    closed surfaces sampled everywhere.
    """
    wide = np.asarray(points, np.float64)
    count = min(neighbours, len(wide))
    near = np.asarray(cKDTree(wide).query(wide, k=count)[1], np.int64).reshape(len(wide), count)
    spread = wide[near] - wide[near].mean(axis=1, keepdims=True)
    _, axes = np.linalg.eigh(np.einsum("nki,nkj->nij", spread, spread))
    normals = axes[:, :, 0]
    if viewpoints is not None:
        away = ((np.asarray(viewpoints, np.float64) - wide) * normals).sum(axis=1) < 0
        return np.where(away[:, None], -normals, normals)
    return _agreeing(wide, normals, near)


def _agreeing(points: NDArray[np.float64], normals: NDArray[np.float64], near: NDArray[np.int64]) -> NDArray[np.float64]:
    normals = normals.copy()
    count = len(points)
    one, two = np.repeat(np.arange(count), near.shape[1]), near.reshape(-1)
    differ = 1.0 - np.abs((normals[one] * normals[two]).sum(axis=1)) + 1e-6  # a zero would be no edge
    apart = one != two
    graph = coo_matrix((differ[apart], (one[apart], two[apart])), shape=(count, count)).tocsr()
    tree = minimum_spanning_tree(graph.maximum(graph.T))
    _, part = connected_components(tree, directed=False)
    for number in range(int(part.max()) + 1):
        members = np.flatnonzero(part == number)
        start = int(members[points[members, 2].argmax()])
        if normals[start, 2] < 0:
            normals[start] *= -1
        order, before = breadth_first_order(tree, start, directed=False)
        for here in order[1:].tolist():
            if normals[here] @ normals[before[here]] < 0:
                normals[here] *= -1
    return normals
