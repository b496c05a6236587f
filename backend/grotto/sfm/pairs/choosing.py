"""Pairs: which photos to compare, from capture order and a coarse layout rather than all against all."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import numpy as np
import pycolmap
from numpy.typing import NDArray

from ...contract import Progress
from ...contract.options import PairOptions
from ...formats import Artefact
from ...photos import PhotoSet
from ..align import Complex, PairSimilarity, vote_similarity
from ..features import Features
from .layout import Layout, overlap, solve_layout
from .retrieval import likely_pairs

COARSE_FEATURES = 400  # the largest of each photo: enough for a shift, 10 ms a pair
FEW_PHOTOS = 9  # below this every pair is worth comparing
MANY_PHOTOS = 250  # above this even the coarse comparison is limited to likely pairs
FLAT_PX = 0.4  # by which the coarse matches of a pair miss one similarity where the wall is flat and the camera only shifted
COARSE_TOLERANCE = 0.025  # of the photo's longer side: relief and perspective move points by this much


@dataclass(frozen=True, kw_only=True)
class Pairs(Artefact):
    """Pairs of positions in the photo set, first < second, and the coarse layout they came from."""

    pairs: tuple[tuple[int, int], ...]
    way: str  # "layout", "sequence" or "exhaustive"
    tolerance_px: float  # by which an honest pair may miss the layout; 0 where there is none
    component: tuple[int, ...]  # of each photo; empty without a layout
    turns: tuple[tuple[float, float], ...] = ()  # of each photo: z_mosaic = turn z_photo + shift, real and imaginary part
    shifts: tuple[tuple[float, float], ...] = ()  # px of the mosaic; empty without a layout
    flat: bool = False  # whether the photos are shifted copies of a flat wall, as far as coarse points say

    def similarity(self, first: int, second: int) -> tuple[complex, complex] | None:
        """Turn and shift of z_first = turn z_second + shift by the layout; None where it does not tie the two photos."""
        if not self.turns or self.component[first] != self.component[second]:
            return None
        turn, other_turn = complex(*self.turns[first]), complex(*self.turns[second])
        return other_turn / turn, (complex(*self.shifts[second]) - complex(*self.shifts[first])) / turn


@dataclass(frozen=True)
class CoarseFeatures:
    """The largest features of one photo."""

    place: Complex  # (k,) pixels
    shape: Complex  # (k,) scale and orientation
    descriptors: NDArray[np.float32]  # (k, 128), unit length


def forecast_pairs(photos: PhotoSet, features: Features, options: PairOptions) -> int:
    return 200_000_000 + len(photos.photos) * COARSE_FEATURES * (128 * 4 + 32) * 2


def choose_pairs(photos: PhotoSet, features: Features, options: PairOptions, folder: Path, report: Progress) -> Pairs:
    """Find the pairs of photos that overlap; see `PairOptions.pairing` for the ways."""
    count = len(photos.photos)
    if options.pairing == "exhaustive" or (options.pairing == "auto" and count <= FEW_PHOTOS):
        return _plain(tuple(combinations(range(count), 2)), "exhaustive", folder)
    if options.pairing == "sequence":
        return _plain(_sequence(count, options.neighbours), "sequence", folder)
    coarse = _read_from_copy(features, count, folder)
    report(0.05, "comparing coarse features")
    size = float(np.median([max(photo.width, photo.height) for photo in photos.photos]))
    edges = _coarse_edges(coarse, size, report)
    tolerance = COARSE_TOLERANCE * size
    layout = solve_layout(count, edges, size, tolerance)
    sizes = np.array([(photo.width, photo.height) for photo in photos.photos], float)
    chosen = _overlapping(layout, sizes, options)
    # a photo that the mosaic could not place still has its neighbours in the order of taking
    lonely = set(np.flatnonzero(np.bincount(layout.component)[layout.component] <= 2).tolist())
    chosen |= {pair for pair in _sequence(count, 3) if set(pair) & lonely}
    chosen |= set(_sequence(count, 1))
    components = int(layout.component.max()) + 1
    report(1.0, f"{len(chosen)} pairs of {count * (count - 1) // 2}")
    if components > 1:
        report.note(f"the coarse layout falls into {components} parts that do not overlap clearly")
    spreads = [edge.spread for edge, agrees in zip(edges, layout.agrees, strict=True) if agrees]
    return Pairs(
        folder=folder,
        pairs=tuple(sorted(chosen)),
        way="layout",
        tolerance_px=tolerance,
        component=tuple(int(label) for label in layout.component),
        turns=tuple((float(turn.real), float(turn.imag)) for turn in layout.turn),
        shifts=tuple((float(shift.real), float(shift.imag)) for shift in layout.shift),
        flat=bool(spreads) and float(np.median(spreads)) < FLAT_PX,
    )


def _plain(pairs: tuple[tuple[int, int], ...], way: str, folder: Path) -> Pairs:
    return Pairs(folder=folder, pairs=pairs, way=way, tolerance_px=0.0, component=())


def _sequence(count: int, reach: int) -> tuple[tuple[int, int], ...]:
    return tuple((i, j) for i in range(count) for j in range(i + 1, min(i + reach, count - 1) + 1))


def _read_from_copy(features: Features, count: int, folder: Path) -> list[CoarseFeatures]:
    """The coarse features, by way of a copy: opening a COLMAP database changes its file, and finished stages stay as they are."""
    copy = folder / "work.db"
    shutil.copyfile(features.folder / features.database, copy)
    coarse = read_coarse_features(copy, count)
    for file in folder.glob("work.db*"):
        file.unlink()
    return coarse


def read_coarse_features(database_path: Path, count: int) -> list[CoarseFeatures]:
    """The `COARSE_FEATURES` largest features of each photo."""
    found = []
    with pycolmap.Database.open(str(database_path)) as database:
        for image_id in range(1, count + 1):
            keypoints = np.asarray(database.read_keypoints(image_id), np.float64).reshape(-1, 6)
            descriptors = np.asarray(database.read_descriptors(image_id).data, np.float32).reshape(-1, 128)
            shape = keypoints[:, 2] + 1j * keypoints[:, 4]
            largest = np.argsort(-np.abs(shape), kind="stable")[:COARSE_FEATURES]
            unit = descriptors[largest] / np.maximum(np.linalg.norm(descriptors[largest], axis=1, keepdims=True), 1e-6)
            place = keypoints[largest, 0] + 1j * keypoints[largest, 1]
            found.append(CoarseFeatures(place, shape[largest], unit))
    return found


def _coarse_edges(coarse: list[CoarseFeatures], size: float, report: Progress) -> list[PairSimilarity]:
    candidates = (
        list(combinations(range(len(coarse)), 2))
        if len(coarse) <= MANY_PHOTOS
        else likely_pairs([features.descriptors for features in coarse], reach=8, alike=40)
    )
    edges = []
    for number, (first, second) in enumerate(candidates):
        if number % 64 == 0:
            report(0.05 + 0.85 * number / len(candidates), f"coarse pair {number + 1} of {len(candidates)}")
        edge = _compare_coarse(coarse[first], coarse[second], size)
        if edge is not None:
            turn, shift, inliers, spread = edge
            edges.append(PairSimilarity(first, second, turn, shift, inliers, spread))
    return edges


def _compare_coarse(first: CoarseFeatures, second: CoarseFeatures, size: float) -> tuple[complex, complex, int, float] | None:
    matches = mutual_matches(first.descriptors, second.descriptors, ratio=0.9)
    if len(matches) < 8:
        return None
    a, b = first.place[matches[:, 0]], second.place[matches[:, 1]]
    turn = first.shape[matches[:, 0]] / second.shape[matches[:, 1]]
    voted = vote_similarity(a, b, turn, COARSE_TOLERANCE * size)
    if voted is None or voted[2].sum() < max(8, 0.15 * len(matches)):
        return None
    inside = voted[2]
    spread = float(np.median(np.abs(voted[0] * b[inside] + voted[1] - a[inside])))
    return voted[0], voted[1], int(inside.sum()), spread


def mutual_matches(
    first: NDArray[np.float32], second: NDArray[np.float32], ratio: float
) -> NDArray[np.int64]:  # (m, 2) rows of first, second
    """Mutual nearest neighbours of unit descriptors that pass Lowe's ratio test in the first direction."""
    if len(first) < 2 or len(second) < 2:
        return np.zeros((0, 2), np.int64)
    likeness = first @ second.T
    best = likeness.argmax(axis=1)
    rows = np.arange(len(first))
    top = np.partition(likeness, -2, axis=1)[:, -2:]
    near, next_near = np.sqrt(np.maximum(2 - 2 * top[:, 1], 0)), np.sqrt(np.maximum(2 - 2 * top[:, 0], 1e-12))
    keep = (likeness.argmax(axis=0)[best] == rows) & (near < ratio * next_near)
    return np.column_stack([rows[keep], best[keep]])


def _overlapping(layout: Layout, sizes: NDArray[np.float64], options: PairOptions) -> set[tuple[int, int]]:
    count = len(sizes)
    centre = layout.turn * (sizes[:, 0] + 1j * sizes[:, 1]) / 2 + layout.shift
    reach = np.abs(layout.turn) * np.hypot(sizes[:, 0], sizes[:, 1])
    chosen: set[tuple[int, int]] = set()
    for i in range(count):
        near = np.flatnonzero((np.abs(centre - centre[i]) < (reach + reach[i]) / 2) & (layout.component == layout.component[i]))
        shared = [(overlap(layout, i, int(j), sizes), int(j)) for j in near if j != i]
        shared = sorted((part, j) for part, j in shared if part >= options.least_overlap)
        chosen |= {(min(i, j), max(i, j)) for _, j in shared[-options.neighbours :]}
    return chosen
