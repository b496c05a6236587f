"""Superpixels of one colour, their adjacency graph, and geodesic distances on it."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra
from skimage.segmentation import watershed

Array32 = NDArray[np.float32]
Array64 = NDArray[np.float64]

_AREA_PX = 75  # of a region, about


@dataclass(frozen=True)
class Regions:
    """`labels` (h, w) 0..n-1; `size` (n,) px; mean `lab` (n, 3), its log `variation` (n, 3) and `texture` (n,).

    `graph` (n, n): cost of a step to a neighbour, its median 1.
    """

    labels: NDArray[np.int64]
    size: Array64
    lab: Array64
    variation: Array64
    texture: Array64
    graph: csr_matrix

    def mean(self, values: NDArray[np.generic]) -> Array64:
        """Mean (n,) of a map (h, w) over each region."""
        return np.bincount(self.labels.ravel(), values.ravel().astype(np.float64), len(self.size)) / self.size

    def distance(self, sources: NDArray[np.bool_]) -> Array64:
        """Geodesic distance (n,) from the nearest of the sources (n,); infinite where none can be reached."""
        if not sources.any():
            return np.full(len(self.size), np.inf)
        return np.asarray(dijkstra(self.graph, directed=False, indices=np.flatnonzero(sources), min_only=True))


def make_regions(lab: Array32, texture: Array32) -> Regions:
    """Watershed of the colour gradient from the flattest pixels of a lattice; `texture` (h, w) is the energy of fine detail."""
    slope = _slope(np.asarray(cv2.bilateralFilter(lab, 5, 10, 2), dtype=np.float32))
    labels = np.asarray(watershed(slope, _markers(slope)), dtype=np.int64) - 1  # type: ignore[no-untyped-call]
    count = int(labels.max()) + 1
    size = np.bincount(labels.ravel(), minlength=count).astype(np.float64)
    flat = labels.ravel()
    # A region's rim lies on an edge and is of both sides: it counts less.
    mean_slope = np.bincount(flat, slope.ravel(), count) / size
    weight = np.exp(-slope.ravel() / np.maximum(mean_slope[flat], 1e-6))
    total = np.bincount(flat, weight, count)

    def means(values: NDArray[np.generic]) -> Array64:
        return np.bincount(flat, weight * values.ravel(), count) / total

    mean_lab = np.stack([means(lab[..., c]) for c in range(3)], axis=1)
    square = np.stack([means(lab[..., c].astype(np.float64) ** 2) for c in range(3)], axis=1)
    variation = np.log1p(np.maximum(square - mean_lab**2, 0))
    mean_texture = means(texture)
    features = np.concatenate([mean_lab, variation, mean_texture[:, None]], axis=1)
    features = (features - features.mean(axis=0)) / (features.std(axis=0) + 1e-6)
    one = np.concatenate([labels[:, :-1].ravel(), labels[:-1].ravel()])
    other = np.concatenate([labels[:, 1:].ravel(), labels[1:].ravel()])
    height = np.concatenate([np.maximum(slope[:, :-1], slope[:, 1:]).ravel(), np.maximum(slope[:-1], slope[1:]).ravel()])
    border = one != other
    low, high = np.minimum(one, other)[border], np.maximum(one, other)[border]
    pairs, place, shared = np.unique(low * count + high, return_inverse=True, return_counts=True)
    first, second = pairs // count, pairs % count
    cost = np.linalg.norm(mean_lab[first] - mean_lab[second], axis=1)
    cost += 0.1 * np.bincount(place, height[border], len(pairs)) / np.maximum(shared, 1)
    cost += 4.0 * np.linalg.norm(features[first] - features[second], axis=1)
    cost = np.maximum(cost / max(float(np.median(cost)) if len(cost) else 1.0, 1e-6), 1e-3)
    graph = csr_matrix((cost, (first, second)), shape=(count, count))
    return Regions(labels, size, mean_lab, variation, mean_texture, graph)


def _slope(lab: Array32) -> Array32:
    steps = [np.hypot(cv2.Sobel(lab[..., c], cv2.CV_32F, 1, 0), cv2.Sobel(lab[..., c], cv2.CV_32F, 0, 1)) for c in range(3)]
    return np.asarray(sum(steps), dtype=np.float32)


def _markers(slope: Array32) -> NDArray[np.int32]:
    height, width = slope.shape
    step = max(2, round(float(np.sqrt(_AREA_PX))))
    reach = step // 3
    markers = np.zeros((height, width), np.int32)
    number = 0
    for y in range(min(step // 2, height - 1), height, step):
        for x in range(min(step // 2, width - 1), width, step):
            top, left = max(0, y - reach), max(0, x - reach)
            window = slope[top : y + reach + 1, left : x + reach + 1]
            row, column = np.unravel_index(int(window.argmin()), window.shape)
            number += 1
            markers[top + row, left + column] = number
    return markers
