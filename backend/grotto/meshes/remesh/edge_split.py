"""Splitting chosen edges of a mesh in the middle, without leaving gaps between split and whole neighbours."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..topology import grouped_edges, half_edges


@dataclass(frozen=True)
class Split:
    """A finer mesh: the old vertices come first, the new ones are the middles of `parents` (k, 2)."""

    faces: NDArray[np.int64]  # (m, 3)
    parents: NDArray[np.int64]  # (k, 2) old vertices
    source: NDArray[np.int64]  # (m,) the old face that each face lies in

    def carry(self, values: NDArray[np.floating]) -> NDArray[np.floating]:
        """Vertex values (v, ...) of the old mesh on the new one's v + k vertices."""
        return np.concatenate([values, 0.5 * (values[self.parents[:, 0]] + values[self.parents[:, 1]])]).astype(values.dtype)


def split_edges(vertices: NDArray[np.floating], faces: NDArray[np.integer], chosen: NDArray[np.bool_]) -> Split:
    """Split each side of a face that `chosen` (m, 3) marks: side k runs from corner k to the next. Both faces of it follow.

    A face with one, two or three split sides becomes two, three or four.
    """
    wide = faces.astype(np.int64)
    order, first, count = grouped_edges(wide)
    edge_of = np.empty(3 * len(wide), np.int64)
    edge_of[order] = np.repeat(np.arange(len(first)), count)
    marked = np.zeros(len(first), bool)
    marked[edge_of[chosen.reshape(-1)]] = True
    middle = np.full(len(first), -1, np.int64)
    middle[marked] = len(vertices) + np.arange(int(marked.sum()))
    parents = half_edges(wide)[order[first[marked]]]
    middles = middle[edge_of].reshape(-1, 3)
    split = middles >= 0
    amount = split.sum(1)
    # Turned so that what is special comes first: the one split side, or the one that follows the whole side.
    turn = np.where(amount == 1, split.argmax(1), np.where(amount == 2, (~split).argmax(1) + 1, 0))
    corner = (turn[:, None] + np.arange(3)) % 3
    corners, middles = np.take_along_axis(wide, corner, 1), np.take_along_axis(middles, corner, 1)
    places = np.concatenate([vertices, 0.5 * (vertices[parents[:, 0]] + vertices[parents[:, 1]])])
    made, source = [], []
    for number in range(4):
        here = np.nonzero(amount == number)[0]
        for part in _PARTS[number](corners[here], middles[here], places):
            made.append(part)
            source.append(here)
    return Split(np.concatenate(made), parents, np.concatenate(source))


def _triangle(*columns: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.stack(columns, 1)


def _whole(c: NDArray[np.int64], m: NDArray[np.int64], places: NDArray[np.floating]) -> list[NDArray[np.int64]]:
    return [c]


def _two(c: NDArray[np.int64], m: NDArray[np.int64], places: NDArray[np.floating]) -> list[NDArray[np.int64]]:
    return [_triangle(c[:, 0], m[:, 0], c[:, 2]), _triangle(m[:, 0], c[:, 1], c[:, 2])]


def _three(c: NDArray[np.int64], m: NDArray[np.int64], places: NDArray[np.floating]) -> list[NDArray[np.int64]]:
    """Sides 0 and 1 are split; the four-sided rest is cut along its shorter diagonal."""
    one = np.linalg.norm(places[c[:, 0]] - places[m[:, 1]], axis=1)
    other = np.linalg.norm(places[m[:, 0]] - places[c[:, 2]], axis=1)
    end = np.where(one <= other, m[:, 1], c[:, 2])
    start = np.where(one <= other, c[:, 0], m[:, 0])
    return [
        _triangle(m[:, 0], c[:, 1], m[:, 1]),
        _triangle(c[:, 0], m[:, 0], end),
        _triangle(start, m[:, 1], c[:, 2]),
    ]


def _four(c: NDArray[np.int64], m: NDArray[np.int64], places: NDArray[np.floating]) -> list[NDArray[np.int64]]:
    return [
        _triangle(c[:, 0], m[:, 0], m[:, 2]), _triangle(m[:, 0], c[:, 1], m[:, 1]), _triangle(m[:, 2], m[:, 1], c[:, 2]), m,
    ]  # fmt: skip


_PARTS = (_whole, _two, _three, _four)
