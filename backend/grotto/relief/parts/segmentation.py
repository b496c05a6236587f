"""Segment a cut-out into parts, such as head, robe, ribbon, leaves, by colour borders and closed ink lines.

Superpixels of a watershed are merged, the most similar neighbours first, until the regions differ clearly or are few enough.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt, label
from skimage.color import rgb2lab
from skimage.segmentation import watershed

Array32 = NDArray[np.float32]
Labels = NDArray[np.int32]

LOOK_PX = 400  # longer side at which parts are segmented: finer ones are ornaments
_CELL_PX = 8  # between markers of the watershed
_LINE_PX = 7  # dark strokes narrower than this are ink lines
_INK_L = 12.0  # of lightness (0 to 100) below its surroundings: a clear line
_INK = 14.0  # colour distance that a border of clear ink counts as
_LEAST_PART = 0.006  # of the cut-out: smaller is an ornament of a neighbour
_LINE_RADIUS_PX, _DARKER_L = 7.0, 18.0  # lines broad enough to be regions: half their width, and how much darker they are
_BESIDE = 0.35  # of their rims that touch parts: dark limbs touch others at their ends only
_ROUND_PX = 1.8  # over which borders are smoothed
_CLEAR = 16.0  # difference from which large neighbours are parts of their own


@dataclass(frozen=True)
class Surface:
    """Colours (h, w, 3) Lab with the ink removed, and the ink itself (h, w), 0 to 1."""

    lab: Array32
    ink: Array32
    inside: NDArray[np.bool_]


def part_size(height: int, width: int) -> tuple[int, int]:
    """(rows, columns) of the labels of a cut-out of `height` x `width` px."""
    scale = LOOK_PX / max(height, width)
    return max(2, round(height * scale)), max(2, round(width * scale))


def segment_parts(colour: Array32, alpha: Array32, most: int) -> Labels:
    """Labels (rows, columns), as `part_labels` gives them, of a cut-out (h, w, 3) with its opacity (h, w), at `part_size`."""
    rows, columns = part_size(*alpha.shape)
    small = [np.asarray(cv2.resize(one, (columns, rows), interpolation=cv2.INTER_AREA), np.float32) for one in (colour, alpha)]
    return part_labels(small[0], small[1], most)


def part_labels(colour: Array32, alpha: Array32, most: int) -> Labels:
    """Segment a cut-out (h, w, 3) of sRGB values with its opacity (h, w): labels (h, w), 0 outside, parts 1 to n <= most.

    Larger parts have smaller numbers. Islands are parts of their own unless they are specks.
    """
    surface = surface_of(colour, alpha)
    if not surface.inside.any():
        return np.zeros(alpha.shape, np.int32)
    found = merge_regions(oversegment(surface), surface, most)
    return by_size(_rounded(_without_lines(found, surface), surface.inside))


def surface_of(colour: Array32, alpha: Array32) -> Surface:
    """Smooth everything that is no border between parts: ground showing through, ink lines, grain."""
    inside = alpha > 0.5
    sure = cv2.erode(inside.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    known = sure if sure.any() else inside
    rows, columns = distance_transform_edt(~known, return_distances=False, return_indices=True)
    lab = np.asarray(rgb2lab(colour[rows, columns]), np.float32)
    lightness = np.ascontiguousarray(cv2.GaussianBlur(lab[..., 0], (0, 0), 0.7))
    lightness[~inside] = 100  # a line along the outline is one, too
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (_LINE_PX, _LINE_PX))
    ink = np.clip((cv2.morphologyEx(lightness, cv2.MORPH_CLOSE, kernel) - lightness) / _INK_L, 0, 1).astype(np.float32)
    weight = ((1 - ink) ** 2 + 1e-3) * (inside + np.float32(1e-3))
    spread = cv2.GaussianBlur(lab * weight[..., None], (0, 0), 2.0) / cv2.GaussianBlur(weight, (0, 0), 2.0)[..., None]
    bare = lab + ink[..., None] * (spread - lab)
    for _ in range(3):
        bare = cv2.bilateralFilter(bare, 9, 14, 3)
    return Surface(np.asarray(bare, np.float32), ink * inside, inside)


def oversegment(surface: Surface) -> Labels:
    """Superpixels (h, w) by a watershed from the flattest pixels of a lattice, borders along ink and colour steps; 0 outside."""
    lab = surface.lab
    slope = sum(np.hypot(cv2.Sobel(lab[..., c], cv2.CV_32F, 1, 0), cv2.Sobel(lab[..., c], cv2.CV_32F, 0, 1)) for c in range(3))
    height = np.asarray(slope, np.float32) / 8 + _INK * surface.ink
    blocked = np.where(surface.inside, height, np.inf)
    rows, columns = height.shape
    padded = np.full((-(-rows // _CELL_PX) * _CELL_PX, -(-columns // _CELL_PX) * _CELL_PX), np.inf, np.float32)
    padded[:rows, :columns] = blocked
    cells = padded.reshape(padded.shape[0] // _CELL_PX, _CELL_PX, -1, _CELL_PX).transpose(0, 2, 1, 3)
    flat = cells.reshape(*cells.shape[:2], -1)
    lowest = flat.argmin(2)
    found = np.isfinite(flat.min(2))
    row, column = np.nonzero(found)
    y, x = row * _CELL_PX + lowest[found] // _CELL_PX, column * _CELL_PX + lowest[found] % _CELL_PX
    markers = np.zeros(height.shape, np.int32)
    markers[y, x] = np.arange(1, len(y) + 1)
    return np.asarray(watershed(height, markers, mask=surface.inside), np.int32)  # type: ignore[no-untyped-call]


def merge_regions(labels: Labels, surface: Surface, most: int) -> Labels:
    """Merge superpixels (h, w) into at most `most` parts, or as few as differ clearly."""
    graph = _Graph(labels, surface)
    waiting = [(graph.cost(a, b), a, b) for a in graph.borders for b in graph.borders[a] if a < b]
    heapq.heapify(waiting)
    latest: dict[tuple[int, int], float] = {(a, b): cost for cost, a, b in waiting}
    least = _LEAST_PART * float(surface.inside.sum())
    while waiting:
        cost, a, b = heapq.heappop(waiting)
        if latest.get((a, b)) != cost or a not in graph.borders or b not in graph.borders[a]:
            continue
        whole = graph.size[list(graph.borders)] >= least
        if cost > _CLEAR and whole.sum() <= most and min(graph.size[a], graph.size[b]) >= least:
            break
        graph.merge(a, b)
        for other in graph.borders[a]:
            key = (min(a, other), max(a, other))
            latest[key] = graph.cost(*key)
            heapq.heappush(waiting, (latest[key], *key))
    return _fewest(graph.labels(), surface.inside, most, least)


class _Graph:
    """Region adjacency graph: for each border its length and the ink on it."""

    def __init__(self, labels: Labels, surface: Surface) -> None:
        self._labels = labels
        count = int(labels.max()) + 1
        flat = labels.ravel()
        self.size = np.bincount(flat, minlength=count).astype(np.float64)
        weight = (1.0 - 0.9 * surface.ink.ravel()).astype(np.float64)
        self.weight = np.bincount(flat, weight, count)
        self.sum = np.stack([np.bincount(flat, weight * surface.lab[..., c].ravel(), count) for c in range(3)], axis=1)
        self.square = np.stack([np.bincount(flat, weight * surface.lab[..., c].ravel() ** 2.0, count) for c in range(3)], axis=1)
        self.into = np.arange(count)
        self.borders: dict[int, dict[int, list[float]]] = {int(n): {} for n in np.unique(flat) if n}
        mean = self.sum / np.maximum(self.weight, 1e-9)[:, None]
        for first, second, ink in _borders(labels, surface.ink):
            step = np.linalg.norm(mean[first] - mean[second], axis=1) + _INK * ink
            for pair, strength in zip(zip(first.tolist(), second.tolist(), strict=True), step.tolist(), strict=True):
                for one, other in (pair, pair[::-1]):
                    shared = self.borders[one].setdefault(other, [0.0, 0.0])
                    shared[0] += 1
                    shared[1] += strength

    def cost(self, a: int, b: int) -> float:
        """Difference of two neighbours: colour and ink along their border; small regions count less."""
        length, steps = self.borders[a][b]
        one, other = self.sum[a] / self.weight[a], self.sum[b] / self.weight[b]
        apart = float(np.linalg.norm(one - other))
        small = min(self.size[a], self.size[b])
        full = float(np.clip(small / (_LEAST_PART * self.size[1:].sum()), 0.02, 1.0)) ** 0.5
        narrow = float(np.clip(np.sqrt(small) / length, 0.6, 2.0)) ** 0.5
        return (0.5 * apart + steps / length) * full * narrow

    def merge(self, a: int, b: int) -> None:
        """Merge region b into a."""
        for array in (self.size, self.weight, self.sum, self.square):
            array[a] += array[b]
        self.into[b] = a
        for other, (length, ink) in self.borders.pop(b).items():
            del self.borders[other][b]
            if other == a:
                continue
            for one, two in ((a, other), (other, a)):
                shared = self.borders[one].setdefault(two, [0.0, 0.0])
                shared[0] += length
                shared[1] += ink

    def labels(self) -> Labels:
        into = self.into
        while (into[into] != into).any():
            into = into[into]
        return into[self._labels].astype(np.int32)


def _borders(labels: Labels, ink: Array32) -> list[tuple[NDArray[np.int32], NDArray[np.int32], Array32]]:
    """Pairs of regions of neighbouring pixels, and the ink there."""
    near = np.asarray(cv2.dilate(ink, np.ones((3, 3), np.uint8)), np.float32)
    found = []
    for one, other in ((np.s_[:, :-1], np.s_[:, 1:]), (np.s_[:-1], np.s_[1:])):
        border = (labels[one] != labels[other]) & (labels[one] > 0) & (labels[other] > 0)
        found.append((labels[one][border], labels[other][border], np.maximum(near[one], near[other])[border]))
    return found


def _fewest(labels: Labels, inside: NDArray[np.bool_], most: int, least: float) -> Labels:
    """Give specks and, where there are more than `most` islands, the smallest to the nearest part that stays."""
    size = np.bincount(labels.ravel())
    size[0] = 0
    order = np.argsort(-size, kind="stable")
    kept = [int(n) for n in order[:most] if size[n] >= least] or [int(order[0])]
    stays = np.isin(labels, kept)
    if stays[inside].all():
        return labels
    rows, columns = distance_transform_edt(~stays, return_distances=False, return_indices=True)
    return np.where(inside, labels[rows, columns], 0).astype(np.int32)


def _without_lines(labels: Labels, surface: Surface) -> Labels:
    """Give broad ink lines (thin, dark, with other parts all along) to the parts beside them."""
    lines = np.zeros(labels.shape, bool)
    size = np.bincount(labels.ravel())
    light = np.bincount(labels.ravel(), surface.lab[..., 0].ravel()) / np.maximum(size, 1)
    for name in (int(name) for name in np.unique(labels) if name):
        own = labels == name
        if cv2.distanceTransform(np.pad(own.astype(np.uint8), 1), cv2.DIST_L2, 5).max() > _LINE_RADIUS_PX:
            continue
        rim = (cv2.dilate(own.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0) & ~own
        beside = labels[rim]
        others = beside[beside > 0]
        if len(others) >= _BESIDE * len(beside) and light[name] < light[others].mean() - _DARKER_L:
            lines |= own
    if not lines.any() or (lines | (labels == 0)).all():
        return labels
    rows, columns = distance_transform_edt(lines | (labels == 0), return_distances=False, return_indices=True)
    return np.where(surface.inside, labels[rows, columns], 0).astype(np.int32)


def _rounded(labels: Labels, inside: NDArray[np.bool_]) -> Labels:
    """Smooth the borders of parts; small fragments go to the part around them."""
    names = [int(name) for name in np.unique(labels) if name]
    shares = np.stack([cv2.GaussianBlur((labels == name).astype(np.float32), (0, 0), _ROUND_PX) for name in names])
    smooth = np.where(inside, np.array(names, np.int32)[shares.argmax(0)], 0)
    least = 0.25 * _LEAST_PART * float(inside.sum())
    crumbs = np.zeros(labels.shape, bool)
    for name in names:
        pieces, _ = label(smooth == name)
        size = np.bincount(pieces.ravel())
        size[0] = 0
        crumbs |= (pieces > 0) & (size < min(least, size.max()))[pieces]
    if not crumbs.any():
        return smooth.astype(np.int32)
    rows, columns = distance_transform_edt(crumbs | ~inside, return_distances=False, return_indices=True)
    return np.where(inside, smooth[rows, columns], 0).astype(np.int32)


def by_size(labels: Labels) -> Labels:
    """Number the parts from 1, the largest first."""
    size = np.bincount(labels.ravel())
    size[0] = 0
    order = np.argsort(-size, kind="stable")
    number = np.zeros(len(size), np.int32)
    present = order[: int((size > 0).sum())]
    number[present] = np.arange(1, len(present) + 1)
    return number[labels]
