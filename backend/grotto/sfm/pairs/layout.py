"""The layout of a capture: where each photo lies on the wall, from pairwise similarities that contradict each other.

On a wall of a thousand like figures most pairs that match do so wrongly, and where the figures stand in a lattice even
their triangles close. True pairs match in everything, the unique flaws of the plaster too, so they have several
times the inliers. Edges much weaker than a photo's best one are therefore ignored, photos are placed along the strongest
tree, and a robust least-squares solve over all edges settles the rest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse
import scipy.sparse.csgraph
import scipy.sparse.linalg
from numpy.typing import NDArray

from ..align import Complex, PairSimilarity

ROUNDS = 12
WEAK = 0.35  # of the best edge of either photo: a diagonal neighbour has about half of it, a look-alike a fifth


@dataclass(frozen=True)
class Layout:
    """z_mosaic = turn[i] z_i + shift[i] per photo; photos of different components share no frame."""

    turn: Complex  # (n,)
    shift: Complex  # (n,)
    component: NDArray[np.int64]  # (n,) component of each photo, largest first
    agrees: NDArray[np.bool_]  # (edges,) whether an edge agrees with the layout
    misfit: NDArray[np.float64]  # (edges,) pixels by which an edge's shift misses the layout


def well_supported(count: int, edges: Sequence[PairSimilarity]) -> NDArray[np.bool_]:
    """Which edges have at least `WEAK` of the inliers of the best edge of the less well connected of their photos."""
    best = np.zeros(count)
    for edge in edges:
        best[edge.first] = max(best[edge.first], edge.inliers)
        best[edge.second] = max(best[edge.second], edge.inliers)
    return np.array([edge.inliers >= WEAK * min(best[edge.first], best[edge.second]) for edge in edges], bool)


def solve_layout(count: int, edges: Sequence[PairSimilarity], size: float, tolerance: float) -> Layout:
    """Place `count` photos of about `size` pixels; edges with residuals beyond about `tolerance` pixels are down-weighted."""
    if not edges:
        one = np.ones(count, complex)
        return Layout(one, np.zeros(count, complex), np.arange(count), np.zeros(0, bool), np.zeros(0))
    first = np.array([edge.first for edge in edges])
    second = np.array([edge.second for edge in edges])
    turns = np.array([edge.turn for edge in edges])
    shifts = np.array([edge.shift for edge in edges])
    inliers = np.array([edge.inliers for edge in edges], float)
    supported = well_supported(count, edges)
    # neighbours in capture order lie side by side more often than not
    trust = inliers**2 * np.where(second - first == 1, 2.0, 1.0) * np.where(supported, 1.0, 1e-6)
    turn, shift, component = _along_tree(count, edges, trust)
    for _ in range(ROUNDS):
        misfit = _misfits(turn, shift, first, second, turns, shifts)
        # Geman-McClure: an edge far outside the tolerance keeps next to no weight, so it cannot drag its neighbours
        weight = inliers * supported * (tolerance**2 / (tolerance**2 + misfit**2)) ** 2
        turn, shift = _solve_weighted(turn, shift, component, first, second, turns, shifts, weight, size)
    misfit = _misfits(turn, shift, first, second, turns, shifts)
    agrees = misfit < 2 * tolerance
    component = _components(count, first[agrees & supported], second[agrees & supported])
    return Layout(turn, shift, component, agrees, misfit)


def _along_tree(
    count: int, edges: Sequence[PairSimilarity], trust: NDArray[np.float64]
) -> tuple[Complex, Complex, NDArray[np.int64]]:
    turn, shift = np.ones(count, complex), np.zeros(count, complex)
    component = np.full(count, -1)
    graph = scipy.sparse.coo_matrix(
        (1.0 / trust, ([edge.first for edge in edges], [edge.second for edge in edges])), shape=(count, count)
    ).tocsr()
    tree = scipy.sparse.csgraph.minimum_spanning_tree(graph)
    lookup = {(edge.first, edge.second): edge for edge in edges}
    for root in range(count):
        if component[root] >= 0:
            continue
        order, parents = scipy.sparse.csgraph.breadth_first_order(tree, root, directed=False)
        component[order] = root
        for node in order[1:]:
            parent = int(parents[node])
            edge = lookup.get((parent, int(node)))
            if edge is not None:
                a, b = edge.turn, edge.shift
            else:
                edge = lookup[int(node), parent]
                a, b = 1 / edge.turn, -edge.shift / edge.turn
            turn[node] = turn[parent] * a
            shift[node] = turn[parent] * b + shift[parent]
    return turn, shift, component


def _misfits(
    turn: Complex, shift: Complex, first: NDArray[np.int64], second: NDArray[np.int64], turns: Complex, shifts: Complex
) -> NDArray[np.float64]:
    """Pixels of the first photo by which each edge's shift misses the layout."""
    predicted = (shift[second] - shift[first]) / turn[first]
    return np.abs(predicted - shifts)


def _solve_weighted(
    turn: Complex,
    shift: Complex,
    component: NDArray[np.int64],
    first: NDArray[np.int64],
    second: NDArray[np.int64],
    turns: Complex,
    shifts: Complex,
    weight: NDArray[np.float64],
    size: float,
) -> tuple[Complex, Complex]:
    """Weighted least squares of a_i a_ij = a_j and a_i b_ij + b_i = b_j; the root of each component stands still."""
    count, edges = len(turn), len(first)
    rows = np.arange(edges)
    half = size / 2
    data = np.concatenate([half * turns * weight, -half * weight, shifts * weight, weight, -weight])
    row = np.concatenate([rows, rows, rows + edges, rows + edges, rows + edges])
    column = np.concatenate([first, second, first, first + count, second + count])
    system = scipy.sparse.coo_matrix((data, (row, column)), shape=(2 * edges, 2 * count)).tocsr()
    unknowns = np.concatenate([turn, shift])
    fixed = np.zeros(2 * count, bool)
    roots = np.unique(component)
    fixed[roots] = fixed[roots + count] = True
    free = ~fixed
    right = -(system[:, fixed] @ unknowns[fixed])
    normal = (system[:, free].getH() @ system[:, free]).tocsc()
    damping = 1e-9 * (abs(normal.diagonal()).max() or 1.0)
    gradient = system[:, free].getH() @ right + damping * unknowns[free]
    unknowns[free] = scipy.sparse.linalg.spsolve(normal + damping * scipy.sparse.identity(int(free.sum())), gradient)
    return unknowns[:count], unknowns[count:]


def _components(count: int, first: NDArray[np.int64], second: NDArray[np.int64]) -> NDArray[np.int64]:
    graph = scipy.sparse.coo_matrix((np.ones(len(first)), (first, second)), shape=(count, count))
    _, labels = scipy.sparse.csgraph.connected_components(graph, directed=False)
    sizes = np.bincount(labels)
    rank = np.argsort(np.argsort(-sizes, kind="stable"), kind="stable")
    return rank[labels].astype(np.int64)


def overlap(layout: Layout, first: int, second: int, sizes: NDArray[np.float64]) -> float:
    """The part of photo `second` that lies in photo `first`; 0 across components. `sizes` is (n, 2) width, height."""
    if layout.component[first] != layout.component[second]:
        return 0.0
    u, v = np.meshgrid(np.linspace(0.04, 0.96, 12), np.linspace(0.04, 0.96, 12))
    inside = layout.turn[second] * (u * sizes[second, 0] + 1j * v * sizes[second, 1]) + layout.shift[second]
    seen = (inside - layout.shift[first]) / layout.turn[first]
    return float(np.mean((seen.real > 0) & (seen.real < sizes[first, 0]) & (seen.imag > 0) & (seen.imag < sizes[first, 1])))
