"""Cells of a grid and the patches of surface in them: what dual contouring and FlexiCubes share.

Each patch of a cell becomes one vertex, each crossed edge of the grid a quad between the four patches around it. Which
crossings hang together in a cell follows from its faces alone, so cells agree: an ambiguous face (two inside corners
across from one another) is decided by its saddle's value (Nielson and Hamann 1991). Where two cells would then share two
sides of the same two patches, which is where dual methods lose manifoldness, the face is decided the other way: that splits
a patch of each cell.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]

# Corner c of a cell lies at (c & 1, c >> 1 & 1, c >> 2 & 1).
CORNERS = np.array([[c & 1, c >> 1 & 1, c >> 2 & 1] for c in range(8)], np.int64)
# Edge 4 a + n runs along axis a; n holds the other two coordinates, the lower axis first.
EDGES = np.array([(a, b) for axis in range(3) for a in range(8) for b in [a | 1 << axis] if not a >> axis & 1], np.int64)
_EDGE_OF = {frozenset(edge.tolist()): number for number, edge in enumerate(EDGES)}


def _face_rings() -> Ints:
    """(6, 4) corners of each face (-x, +x, -y, +y, -z, +z), counter-clockwise seen from outside."""
    rings = []
    for axis in range(3):
        second, third = (axis + 1) % 3, (axis + 2) % 3
        square = [0, 1 << second, 1 << second | 1 << third, 1 << third]
        rings += [square[::-1], [corner | 1 << axis for corner in square]]
    return np.array(rings, np.int64)


FACES = _face_rings()


@dataclass(frozen=True)
class DualCells:
    """The topology of a dual surface; no positions."""

    cells: Ints  # (c,) active cells, as places in an array (nx-1, ny-1, nz-1) read row by row
    index: Ints  # (c, 3) the same as coordinates
    patch: Ints  # (c, 12) number of the vertex that each edge's crossing belongs to, -1 where an edge is not crossed
    vertices: int
    quads: Ints  # (q, 4) vertices, outwards
    quad_cells: Ints  # (q, 4) rows of `cells`


def dual_cells(values: NDArray[np.floating]) -> DualCells:
    """Topology of the surface of values (nx, ny, nz), positive inside, of which the outermost layer must be outside."""
    wide = np.asarray(values, np.float64)
    inside = wide > 0
    code = np.zeros([count - 1 for count in wide.shape], np.int64)
    for number, (x, y, z) in enumerate(CORNERS):
        code |= inside[x : x + code.shape[0], y : y + code.shape[1], z : z + code.shape[2]].astype(np.int64) << number
    cells = np.flatnonzero((code > 0) & (code < 255))
    index = np.stack(np.unravel_index(cells, code.shape), axis=1).astype(np.int64)
    codes = code.reshape(-1)[cells]
    corner = index[:, None] + CORNERS
    at = wide[corner[..., 0], corner[..., 1], corner[..., 2]]
    ring = at[:, FACES]  # (c, 6, 4)
    product = ring[..., 0] * ring[..., 2] - ring[..., 1] * ring[..., 3]
    even = (ring[..., 0] > 0) & (ring[..., 2] > 0) & (ring[..., 1] <= 0) & (ring[..., 3] <= 0)
    odd = (ring[..., 0] <= 0) & (ring[..., 2] <= 0) & (ring[..., 1] > 0) & (ring[..., 3] > 0)
    bits = (even & (product > 0)) | (odd & (product < 0))
    row = np.full(code.shape, -1, np.int64)
    row.reshape(-1)[cells] = np.arange(len(cells))
    bits = _without_double_sides(codes, bits, even | odd, index, row)
    local = _local_patches(codes, bits)
    counts = local.max(axis=1) + 1
    start = np.cumsum(counts) - counts
    patch = np.where(local >= 0, local + start[:, None], -1)
    quads, quad_cells = _quads(inside, index, row, patch)
    return DualCells(cells, index, patch, int(counts.sum()), quads, quad_cells)


def _local_patches(codes: Ints, bits: NDArray[np.bool_]) -> Ints:
    """(c, 12) numbers of patches within each cell."""
    keys = codes * 64 + (bits * (1 << np.arange(6))).sum(axis=1)
    kinds, place = np.unique(keys, return_inverse=True)
    table = np.array([_patches(int(kind) >> 6, int(kind) & 63) for kind in kinds], np.int64).reshape(-1, 12)
    return table[place.reshape(-1)]


@lru_cache(maxsize=20000)
def _patches(code: int, bits: int) -> tuple[int, ...]:
    """The patch of each of 12 edges, -1 where it is not crossed: cycles of the segments on the cell's faces."""
    following: dict[int, int] = {}
    for face in range(6):
        for out, back in segments(code, bits >> face & 1, face):
            following[out] = back
    found = [-1] * 12
    number = 0
    for edge in following:
        if found[edge] >= 0:
            continue
        while found[edge] < 0:
            found[edge] = number
            edge = following[edge]
        number += 1
    return tuple(found)


def segments(code: int, joined: int, face: int) -> list[tuple[int, int]]:
    """Pairs of edges of a face that the surface links; `joined`: where it is ambiguous, inside corners hang together.

    Walking around the face, from the edge at which one leaves the inside to the one at which one enters it.
    """
    ring = FACES[face].tolist()
    state = [code >> corner & 1 for corner in ring]
    leaving = [n for n in range(4) if state[n] and not state[(n + 1) % 4]]
    entering = [n for n in range(4) if not state[n] and state[(n + 1) % 4]]
    number = [_EDGE_OF[frozenset((ring[n], ring[(n + 1) % 4]))] for n in range(4)]
    if len(leaving) == 1:
        return [(number[leaving[0]], number[entering[0]])]
    # Apart: the segment cuts off the inside corner, whose other side is just before; joined: the outside corner.
    return [(number[n], number[(n + 1) % 4 if joined else (n - 1) % 4]) for n in leaving]


def _without_double_sides(
    codes: Ints, bits: NDArray[np.bool_], ambiguous: NDArray[np.bool_], index: Ints, row: Ints
) -> NDArray[np.bool_]:
    """Decisions of faces (c, 6) such that no two patches of neighbours share two sides."""
    bits = bits.copy()
    rows, axes = np.nonzero(ambiguous[:, 1::2])  # each ambiguous face once, from the cell below it
    other = index[rows]
    other[np.arange(len(rows)), axes] += 1
    others = row[other[:, 0], other[:, 1], other[:, 2]]
    pending = True
    while pending and len(rows):
        local = _local_patches(codes, bits)
        pending = False
        double = []
        for one, two, axis in zip(rows.tolist(), others.tolist(), axes.tolist(), strict=True):
            here = segments(int(codes[one]), int(bits[one, 2 * axis + 1]), 2 * axis + 1)
            there = segments(int(codes[two]), int(bits[two, 2 * axis]), 2 * axis)
            if local[one, here[0][0]] == local[one, here[1][0]] and local[two, there[0][0]] == local[two, there[1][0]]:
                double.append((one, two, axis))
        touched: set[int] = set()
        for one, two, axis in double:
            pending = True
            if one in touched or two in touched:
                continue  # its patches have just changed: look again
            touched |= {one, two}
            bits[one, 2 * axis + 1] ^= True
            bits[two, 2 * axis] ^= True
    return bits


def _quads(inside: NDArray[np.bool_], index: Ints, row: Ints, patch: Ints) -> tuple[Ints, Ints]:
    """Vertices and cells (q, 4) around each crossed edge of the grid, counter-clockwise seen from outside."""
    quads, around = [], []
    for axis in range(3):
        second, third = (axis + 1) % 3, (axis + 2) % 3
        size = inside.shape[axis]
        first, last = np.take(inside, range(size - 1), axis), np.take(inside, range(1, size), axis)
        start = np.argwhere(first != last)
        outwards = first[tuple(start.T)]  # leaves the inside along the axis
        cells, vertices = [], []
        for a, b in ((0, 0), (1, 0), (1, 1), (0, 1)):  # the edge's place in the cell that lies towards -second, -third
            cell = start.copy()
            cell[:, second] -= a
            cell[:, third] -= b
            at = row[cell[:, 0], cell[:, 1], cell[:, 2]]
            corner = a << second | b << third
            cells.append(at)
            vertices.append(patch[at, _EDGE_OF[frozenset((corner, corner | 1 << axis))]])
        quad, cell_rows = np.stack(vertices, axis=1), np.stack(cells, axis=1)
        turn = np.where(outwards[:, None], [0, 1, 2, 3], [0, 3, 2, 1])
        quads.append(np.take_along_axis(quad, turn, axis=1))
        around.append(np.take_along_axis(cell_rows, turn, axis=1))
    return np.concatenate(quads), np.concatenate(around)
