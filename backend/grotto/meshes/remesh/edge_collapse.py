"""Collapsing edges in chosen parts of a mesh: cheapest first, by the quadric error of Garland and Heckbert 1997.

Each round collapses some of the cheapest edges, none of which touch one another's faces, so all of it is array work. What
could tear or fold the surface is left: edges whose ends have more than two common neighbours (the link condition), borders,
faces that would turn over.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from ..topology import grouped_edges, half_edges

_ROUNDS = 60
_CHOICE = 3  # edges to choose from in a round, for each that should go
_LEAST_CHOICE = 500
_LEAST_TURN = 0.5  # cosine between a face before and after
_TIE = 1e-3  # of the quadric's size: holds the new place near the edge's middle where the surface is flat


@dataclass(frozen=True)
class Collapsed:
    """A coarser mesh."""

    vertices: NDArray[np.float64]  # (k, 3)
    faces: NDArray[np.int64]  # (m, 3)
    source: NDArray[np.int64]  # (m,) the old face that each face was
    origin: sparse.csr_matrix  # (k, v): each new vertex as a mean of old ones

    def carry(self, values: NDArray[np.floating]) -> NDArray[np.floating]:
        """Vertex values (v, c) of the old mesh on the new one."""
        return np.asarray(self.origin @ values, values.dtype)


def collapse_edges(
    vertices: NDArray[np.floating], faces: NDArray[np.integer], loose: NDArray[np.bool_], target: int, farthest: float
) -> Collapsed:
    """Collapse edges until at most `target` faces are left, or nothing can go.

    Vertices move only where all faces around are `loose` (m,), and at most about `farthest` (world units) from the surface.
    """
    places, wide, free = vertices.astype(np.float64), faces.astype(np.int64), loose.copy()
    source = np.arange(len(wide))
    owner = np.arange(len(places))
    quadrics = _quadrics(places, wide)
    for _ in range(_ROUNDS):
        excess = len(wide) - target
        if excess <= 0:
            break
        pairs, new_places = _round(places, wide, free, quadrics, -(-excess // 2), farthest)
        if not len(pairs):
            break
        kept, gone = pairs[:, 0], pairs[:, 1]
        places[kept] = new_places
        quadrics[kept] += quadrics[gone]
        mapping = np.arange(len(places))
        mapping[gone] = kept
        owner = mapping[owner]
        wide = mapping[wide]
        whole = (wide[:, 0] != wide[:, 1]) & (wide[:, 1] != wide[:, 2]) & (wide[:, 2] != wide[:, 0])
        wide, free, source = wide[whole], free[whole], source[whole]
    used, compact = np.unique(wide, return_inverse=True)
    place_of = np.full(len(places), -1)
    place_of[used] = np.arange(len(used))
    into = place_of[owner]
    ours = np.nonzero(into >= 0)[0]
    count = np.bincount(into[ours], minlength=len(used))
    origin = sparse.csr_matrix((1.0 / count[into[ours]], (into[ours], ours)), shape=(len(used), len(places)))
    return Collapsed(places[used], compact.reshape(-1, 3).astype(np.int64), source, origin)


def _quadrics(vertices: NDArray[np.float64], faces: NDArray[np.int64]) -> NDArray[np.float64]:
    """(v, 4, 4) sums of the squared distances to the planes of the faces around, by area."""
    corner = vertices[faces]
    normal = np.cross(corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0])
    length = np.linalg.norm(normal, axis=1, keepdims=True)
    normal = normal / np.maximum(length, 1e-300)
    plane = np.concatenate([normal, -(normal * corner[:, 0]).sum(1, keepdims=True)], 1)
    each = (0.5 * length[:, 0])[:, None] * (plane[:, :, None] * plane[:, None, :]).reshape(-1, 16)
    around = sparse.csr_matrix(
        (np.ones(faces.size), (faces.reshape(-1), np.repeat(np.arange(len(faces)), 3))), shape=(len(vertices), len(faces))
    )
    return np.asarray(around @ each).reshape(-1, 4, 4)


def _round(
    vertices: NDArray[np.float64],
    faces: NDArray[np.int64],
    free: NDArray[np.bool_],
    quadrics: NDArray[np.float64],
    most: int,
    farthest: float,
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Edges (k, 2) to collapse at once, at most `most`, and where their vertices go (k, 3)."""
    order, first, count = grouped_edges(faces)
    edges = half_edges(faces)[order[first]]
    movable = np.ones(len(vertices), bool)
    movable[faces[~free].reshape(-1)] = False
    movable[edges[count != 2].reshape(-1)] = False
    inner = edges[movable[edges].all(1)]
    if not len(inner):
        return np.zeros((0, 2), np.int64), np.zeros((0, 3))
    both = np.concatenate([edges, edges[:, ::-1]])
    beside = sparse.csr_matrix((np.ones(len(both), np.int32), (both[:, 0], both[:, 1])), shape=(len(vertices),) * 2)
    common = np.asarray(beside[inner[:, 0]].multiply(beside[inner[:, 1]]).sum(1)).ravel()
    inner = inner[common == 2]
    places, cost, distance = _best_places(vertices, quadrics, inner)
    near = distance <= farthest
    inner, places, cost = inner[near], places[near], cost[near]
    cheap = np.argsort(cost, kind="stable")[: max(_LEAST_CHOICE, _CHOICE * most)]
    inner, places, cost = inner[cheap], places[cheap], cost[cheap]
    good = ~_turns_over(vertices, faces, inner, places)
    inner, places, cost = inner[good], places[good], cost[good]
    chosen = _apart(inner, beside)
    chosen = chosen[np.argsort(cost[chosen], kind="stable")][:most]
    return inner[chosen], places[chosen]


def _best_places(
    vertices: NDArray[np.float64], quadrics: NDArray[np.float64], edges: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Where the edge's quadrics are least (k, 3), tied to its middle; their value there (k,) with the tie's; the distance
    (k,) of that place from the planes of the faces, root of the mean square."""
    summed = quadrics[edges].sum(1)
    middle = vertices[edges].mean(1)
    size = np.trace(summed[:, :3, :3], axis1=1, axis2=2)
    tie = _TIE * size[:, None, None] * np.eye(3) + 1e-300 * np.eye(3)
    push = -(np.einsum("kij,kj->ki", summed[:, :3, :3], middle) + summed[:, :3, 3])
    places = middle + np.linalg.solve(summed[:, :3, :3] + tie, push[..., None])[..., 0]
    whole = np.concatenate([places, np.ones((len(places), 1))], 1)
    cost = np.maximum(np.einsum("ki,kij,kj->k", whole, summed, whole), 0)
    length = ((vertices[edges[:, 0]] - vertices[edges[:, 1]]) ** 2).sum(1)
    # Where all is flat, short edges go first. The trace is the area of the faces.
    return places, cost + _TIE * size * length, np.sqrt(cost / np.maximum(size, 1e-300))


def _turns_over(
    vertices: NDArray[np.float64], faces: NDArray[np.int64], edges: NDArray[np.int64], places: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """(k,) whether a face around either end would turn by much or lose its area."""
    fan = sparse.csr_matrix(
        (np.ones(faces.size, np.int8), (faces.reshape(-1), np.repeat(np.arange(len(faces)), 3))),
        shape=(len(vertices), len(faces)),
    )
    bad = np.zeros(len(edges), bool)
    for end in range(2):
        rows = fan[edges[:, end]].tocoo()
        edge, corners = rows.row, faces[rows.col]
        stays = ~(corners == edges[edge, 1 - end][:, None]).any(1)
        edge, corners = edge[stays], corners[stays]
        before = vertices[corners]
        after = np.where((corners == edges[edge, end][:, None])[..., None], places[edge][:, None], before)
        normals = [np.cross(points[:, 1] - points[:, 0], points[:, 2] - points[:, 0]) for points in (before, after)]
        lengths = [np.linalg.norm(normal, axis=1) for normal in normals]
        turned = (normals[0] * normals[1]).sum(1) < _LEAST_TURN * lengths[0] * lengths[1]
        longest = np.max([((after[:, i] - after[:, i - 1]) ** 2).sum(1) for i in range(3)], axis=0)
        thin = (lengths[1] < 0.1 * longest) & (lengths[1] < 0.9 * lengths[0])
        bad[edge[turned | thin]] = True
    return bad


def _apart(edges: NDArray[np.int64], beside: sparse.csr_matrix) -> NDArray[np.int64]:
    """Rows of edges of which no face touches two. Drawn by lot: neighbours cost alike, and the cheapest would be few."""
    rank = np.random.default_rng(len(edges)).permutation(len(edges))
    least = np.full(beside.shape[0], len(edges), np.int64)
    np.minimum.at(least, edges.reshape(-1), np.repeat(rank, 2))
    start, end = beside.nonzero()
    reach = least.copy()
    np.minimum.at(reach, start, least[end])
    return np.nonzero((rank == reach[edges[:, 0]]) & (rank == reach[edges[:, 1]]))[0]
