"""A tree of regions, merged two by two until one is left; its nodes are candidates for figures.

Selective Search (Uijlings and others 2013): most similar pairs first, small ones before large ones, boxes well filled. Edges
between two regions keep them apart.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ..regions import Regions

Array32 = NDArray[np.float32]
Array64 = NDArray[np.float64]

_BINS = ((0.0, 100.0), (-40.0, 50.0), (-40.0, 60.0))  # of Lab
_BIN_COUNT = 10
_EDGE, _SMALL, _FILLED = 0.3, 60.0, 1.0  # beside the distance of colours, which counts 1
_STRONG = 90  # percentile of slopes that counts as 1
_SOFT_PX = 1.0

Touching = dict[int, tuple[float, float]]  # neighbour: length of the shared border in px, sum of edge strength along it


@dataclass(frozen=True)
class RegionTree:
    """Nodes of the tree: the regions first, then each pair's union; the last is the whole picture.

    `size` (n,) px; `box` (n, 4) left, top, right, bottom; `rim` (n,) mean edge along the border and `inner` (n,) along the
    borders within; `leaves` (r,) regions in an order in which those of node k are `leaves[first[k]:stop[k]]`.
    """

    labels: NDArray[np.int64]
    size: Array64
    box: NDArray[np.int64]
    rim: Array64
    inner: Array64
    leaves: NDArray[np.int64]
    first: NDArray[np.int64]
    stop: NDArray[np.int64]

    def mask(self, node: int) -> NDArray[np.bool_]:
        """(h, w) of the node's box."""
        left, top, right, bottom = self.box[node]
        part = np.zeros(len(self.leaves), bool)
        part[self.leaves[self.first[node] : self.stop[node]]] = True
        return np.asarray(part[self.labels[top:bottom, left:right]])

    def mean(self, of_region: Array64) -> Array64:
        """Mean (n,) over each node of values (r,) of regions."""
        size = self.size[self.leaves]
        total = np.concatenate([[0.0], np.cumsum(of_region[self.leaves] * size)])
        return np.asarray((total[self.stop] - total[self.first]) / self.size)


def build_region_tree(lab: Array32, regions: Regions) -> RegionTree:
    """Merge the regions of a picture, Lab (h, w, 3), into a tree."""
    count = len(regions.size)
    whole = 2 * count - 1
    area = float(regions.labels.size)
    counts = np.zeros((whole, 3 * _BIN_COUNT))
    counts[:count] = _colours(lab, regions.labels, count)
    size = np.concatenate([regions.size, np.zeros(count - 1)]).tolist()
    boxes = _boxes(regions.labels, count).tolist()
    around = _borders(regions.labels, _edges(lab), count)
    rim, inner = np.zeros(whole), np.zeros((whole, 2))
    for node, touching in enumerate(around):
        rim[node] = _mean_edge(touching)
    parts: list[tuple[int, int]] = []

    def cost(one: int, other: int) -> float:
        length, strength = around[one][other]
        first, second = size[one], size[other]
        away = float(np.abs(counts[one] / first - counts[other] / second).sum()) / 6
        box = _joined(boxes[one], boxes[other])
        empty = (box[2] - box[0]) * (box[3] - box[1]) - first - second
        return away + _EDGE * strength / length + (_SMALL * min(first, second) + _FILLED * empty) / area

    heap = [(cost(one, other), one, other) for one in range(count) for other in around[one] if one < other]
    heapq.heapify(heap)
    alive = [True] * count
    while heap:
        _, one, other = heapq.heappop(heap)
        if not (alive[one] and alive[other]):
            continue
        made = count + len(parts)
        parts.append((one, other))
        alive[one] = alive[other] = False
        alive.append(True)
        counts[made] = counts[one] + counts[other]
        size[made] = size[one] + size[other]
        boxes.append(_joined(boxes[one], boxes[other]))
        inner[made] = inner[one] + inner[other] + around[one][other]
        around.append(_united(around, one, other, made))
        rim[made] = _mean_edge(around[made])
        for neighbour in around[made]:
            heapq.heappush(heap, (cost(neighbour, made), neighbour, made))
    leaves, first, stop = _in_order(parts, count)
    return RegionTree(
        regions.labels,
        np.array(size),
        np.array(boxes, np.int64),
        rim,
        inner[:, 1] / np.maximum(inner[:, 0], 1),
        leaves,
        first,
        stop,
    )


def _united(around: list[Touching], one: int, other: int, made: int) -> Touching:
    """The borders of the union `made`; the two leave their neighbours' lists."""
    found: Touching = {}
    for touching in (around[one], around[other]):
        for neighbour, (length, strength) in touching.items():
            if neighbour not in (one, other):
                before = found.get(neighbour, (0.0, 0.0))
                found[neighbour] = before[0] + length, before[1] + strength
    for neighbour, shared in found.items():
        there = around[neighbour]
        there.pop(one, None)
        there.pop(other, None)
        there[made] = shared
    around[one], around[other] = {}, {}
    return found


def _mean_edge(touching: Touching) -> float:
    length = sum(shared[0] for shared in touching.values())
    return sum(shared[1] for shared in touching.values()) / length if length else 0.0


def _joined(one: list[int], other: list[int]) -> list[int]:
    return [min(one[0], other[0]), min(one[1], other[1]), max(one[2], other[2]), max(one[3], other[3])]


def _in_order(parts: list[tuple[int, int]], count: int) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Regions in an order in which those of each node are consecutive, and each node's first and stop."""
    held = [1] * count
    for one, other in parts:
        held.append(held[one] + held[other])
    first = np.zeros(len(held), np.int64)
    for node in range(len(held) - 1, count - 1, -1):
        one, other = parts[node - count]
        first[one], first[other] = first[node], first[node] + held[one]
    leaves = np.empty(count, np.int64)
    leaves[first[:count]] = np.arange(count)
    return leaves, first, first + np.array(held, np.int64)


def _colours(lab: Array32, labels: NDArray[np.int64], count: int) -> Array64:
    """Soft histograms (count, 30) of each region's L, a and b."""
    flat, found = labels.ravel(), []
    for channel, (low, high) in enumerate(_BINS):
        place = np.clip((lab[..., channel].ravel() - low) / (high - low), 0, 1) * (_BIN_COUNT - 1)
        below = np.minimum(place.astype(np.int64), _BIN_COUNT - 2)
        part = place - below
        cells = flat * _BIN_COUNT + below
        total = np.bincount(cells, 1 - part, count * _BIN_COUNT) + np.bincount(cells + 1, part, count * _BIN_COUNT)
        found.append(total.reshape(count, _BIN_COUNT))
    return np.concatenate(found, axis=1)


def _edges(lab: Array32) -> Array32:
    """Edge strength (h, w) of the colour; 1 is the 90th percentile."""
    smooth = cv2.GaussianBlur(cv2.bilateralFilter(lab, 5, 10, 2), (0, 0), _SOFT_PX)
    steps = [cv2.Sobel(smooth, cv2.CV_32F, *way) for way in ((1, 0), (0, 1))]
    slope = np.sqrt(sum((step**2).sum(axis=2) for step in steps))
    return np.asarray(slope / max(float(np.percentile(slope, _STRONG)), 1e-6), dtype=np.float32)


def _boxes(labels: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    rows, columns = np.indices(labels.shape)
    flat = labels.ravel()
    found = np.tile(np.array([labels.shape[1], labels.shape[0], 0, 0], np.int64), (count, 1))
    for side, places in enumerate((columns, rows)):
        np.minimum.at(found[:, side], flat, places.ravel())
        np.maximum.at(found[:, side + 2], flat, places.ravel() + 1)
    return found


def _borders(labels: NDArray[np.int64], edges: Array32, count: int) -> list[Touching]:
    """The neighbours of each region."""
    one = np.concatenate([labels[:, :-1].ravel(), labels[:-1].ravel()])
    other = np.concatenate([labels[:, 1:].ravel(), labels[1:].ravel()])
    height = np.concatenate([np.maximum(edges[:, :-1], edges[:, 1:]).ravel(), np.maximum(edges[:-1], edges[1:]).ravel()])
    apart = one != other
    low, high = np.minimum(one, other)[apart], np.maximum(one, other)[apart]
    pairs, place, length = np.unique(low * count + high, return_inverse=True, return_counts=True)
    strength = np.bincount(place, height[apart], len(pairs))
    found: list[Touching] = [{} for _ in range(count)]
    for pair, shared in zip(pairs.tolist(), zip(length.astype(float).tolist(), strength.tolist(), strict=True), strict=True):
        found[pair // count][pair % count] = found[pair % count][pair // count] = shared
    return found
