"""Two pictures of one plane: matched points, and the homography on which most of them agree."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from .features import Points
from .homography import Floats, fit_affine, fit_homography, is_plausible, local_jacobians, transfer

MOST_MATCHES = 2500  # all of which are tried as hypotheses
MOST_SCALE = 20.0
SCALE_AGREES, ANGLE_AGREES = np.log(1.6), 25 * np.pi / 180  # of a match's own features with the hypothesis
ROUGH_PX, ROUGH_PART = 4.0, 0.02  # tolerance of a similarity: px, and part of the smaller picture: perspective bends it
FINE_PX = 3.0  # tolerance of the homography, for features of up to FINE_SIZE px
FINE_SIZE = 4.0
LEAST_INLIERS = 8
LEAST_CANDIDATE = 5  # of a map that pixels will judge
MOST_ALTERNATIVES = 4  # maps of one pair: a wall repeats its motifs
LEAST_FOR_HOMOGRAPHY = 14  # fewer points have an affine map: eight unknowns follow noise
LEAST_LIKENESS = 0.75  # of two RootSIFT descriptors, where a known map puts one upon the other
_BLOCK = 2048


@dataclass(frozen=True)
class Side:
    """One picture of a pair."""

    points: Points
    width: int
    height: int
    reduced: float  # px of the picture in one px of what was looked at

    @property
    def outline(self) -> Floats:
        """Corners and middles of the sides (8, 2), px."""
        w, h = float(self.width), float(self.height)
        return np.array([[0, 0], [w / 2, 0], [w, 0], [w, h / 2], [w, h], [w / 2, h], [0, h], [0, h / 2]])


@dataclass(frozen=True)
class Agreed:
    """What a pair agrees on. Maps px of `second` to px of `first`."""

    first_from_second: Floats  # (3, 3)
    rows: NDArray[np.int64]  # (m, 2) points of the first and the second picture
    candidates: NDArray[np.int64]  # (k, 2) before the geometry


def candidate_matches(first: NDArray[np.float32], second: NDArray[np.float32], ratio: float) -> NDArray[np.int64]:
    """Mutual nearest descriptors that pass Lowe's ratio: rows (m, 2), the most distinct first."""
    if len(first) < 2 or len(second) < 2:
        return np.zeros((0, 2), np.int64)
    best = np.zeros(len(first), np.int64)
    near, next_near = np.zeros(len(first), np.float32), np.zeros(len(first), np.float32)
    column_best, column_row = np.full(len(second), -1.0, np.float32), np.zeros(len(second), np.int64)
    for start in range(0, len(first), _BLOCK):
        likeness = first[start : start + _BLOCK] @ second.T
        rows = np.arange(len(likeness))
        top = likeness.argmax(axis=1)
        best[start : start + _BLOCK], near[start : start + _BLOCK] = top, likeness[rows, top]
        down = likeness.argmax(axis=0)
        value = likeness[down, np.arange(len(second))]
        better = value > column_best
        column_best[better], column_row[better] = value[better], down[better] + start
        likeness[rows, top] = -1.0
        next_near[start : start + _BLOCK] = likeness.max(axis=1)
    distance = np.sqrt(np.maximum(2 - 2 * near, 0)) / np.sqrt(np.maximum(2 - 2 * next_near, 1e-9))
    kept = np.flatnonzero((column_row[best] == np.arange(len(first))) & (distance < ratio))
    kept = kept[np.argsort(distance[kept], kind="stable")]
    return np.column_stack([kept, best[kept]])


def alternatives(
    first: Side, second: Side, ratio: float, most: int = 0, least: int = LEAST_CANDIDATE, count: int = MOST_ALTERNATIVES
) -> Iterator[Agreed]:
    """The homographies on which many matches of two pictures agree, those with most first; each match counts for one of them.

    most: compare no more than so many points of each, the first ones, which are the strongest; 0 is all.
    """
    one, other = first.points.descriptors, second.points.descriptors
    rows = candidate_matches(one[:most] if most else one, other[:most] if most else other, ratio)
    left = rows
    for _ in range(count):
        found = _most_voted(first, second, left[:MOST_MATCHES])
        if found is None:
            return
        matrix, voters = found
        agreed = _refined(first, second, left, matrix, voters, least)
        spent = np.zeros(len(left), bool)
        spent[: len(voters)] = voters
        if agreed is not None:
            yield Agreed(agreed.first_from_second, agreed.rows, rows)
            spent |= np.isin(left[:, 0], agreed.rows[:, 0])
        left = left[~spent]


def _most_voted(first: Side, second: Side, rows: NDArray[np.int64]) -> tuple[Floats, NDArray[np.bool_]] | None:
    """The similarity with most votes, (3, 3), and its voters among the rows (m,).

    Each match is a hypothesis by the scale and orientation of its features, and all are tried: with one true match in
    thirty, as pictures of unlike scale have, random samples would need thousands of trials for the same.
    """
    if len(rows) < LEAST_CANDIDATE:
        return None
    a, b = first.points, second.points
    p, q = a.place[rows[:, 0]] @ np.array([1, 1j]), b.place[rows[:, 1]] @ np.array([1, 1j])
    claim = a.size[rows[:, 0]] / b.size[rows[:, 1]] * np.exp(1j * (a.angle[rows[:, 0]] - b.angle[rows[:, 1]]))
    log_scale, turn = np.log(np.abs(claim)), np.angle(claim)
    tolerance = rough_tolerance(first, second, np.abs(claim))
    best, voters = 0, np.zeros(len(rows), bool)
    order = np.flatnonzero(np.abs(log_scale) < np.log(MOST_SCALE))
    for block in np.array_split(order, max(1, len(order) // 256)):
        if not len(block):
            continue
        miss = np.abs(claim[block, None] * (q[None] - q[block, None]) + p[block, None] - p[None])
        alike = np.abs(log_scale[block, None] - log_scale[None]) < SCALE_AGREES
        alike &= np.abs((turn[block, None] - turn[None] + np.pi) % (2 * np.pi) - np.pi) < ANGLE_AGREES
        votes = (miss < tolerance[block, None]) & alike
        # matches that share a place are one vote: a blob has several orientations
        count = votes.sum(axis=1)
        top = int(np.argmax(count))
        if count[top] > best:
            best, voters = int(count[top]), votes[top]
        if 2 * best > len(rows):
            break  # nothing can have more votes
    if best < 4:
        return None
    scale = np.median(log_scale[voters])
    mean_turn = np.angle(np.mean(np.exp(1j * turn[voters])))
    z = np.exp(scale + 1j * mean_turn)
    shift = np.median(p[voters].real - (z * q[voters]).real) + 1j * np.median(p[voters].imag - (z * q[voters]).imag)
    return np.array([[z.real, -z.imag, shift.real], [z.imag, z.real, shift.imag], [0, 0, 1]]), voters


def rough_tolerance(first: Side, second: Side, scale: Floats) -> Floats:
    """Px of the first picture by which a match may miss a similarity of this scale (first over second), any shape."""
    coarse = np.maximum(scale * second.reduced, first.reduced)  # px of the first in one px of the coarser picture
    smaller = np.minimum(scale * max(second.width, second.height), float(max(first.width, first.height)))
    return np.maximum(ROUGH_PX * coarse, ROUGH_PART * smaller)


def fine_tolerance(first: Side, second: Side, matrix: Floats, rows: NDArray[np.int64]) -> Floats:
    """Px of the first picture (m,) by which each match may miss the homography."""
    return FINE_PX * spread_px(first, second, matrix, rows)


def spread_px(first: Side, second: Side, matrix: Floats, rows: NDArray[np.int64]) -> Floats:
    """How exactly each match (m,) can be, in px of the first picture: a px of the coarser one, more for large features."""
    q = second.points.place[rows[:, 1]]
    scale = np.sqrt(np.abs(np.linalg.det(local_jacobians(matrix, q))))
    coarse = np.maximum(scale * second.reduced, first.reduced)
    return coarse * np.maximum(1.0, first.points.size[rows[:, 0]] / coarse / FINE_SIZE)


def _refined(
    first: Side, second: Side, rows: NDArray[np.int64], matrix: Floats, voters: NDArray[np.bool_], least: int = LEAST_INLIERS
) -> Agreed | None:
    p, q = first.points.place[rows[:, 0]], second.points.place[rows[:, 1]]
    inliers = np.zeros(len(rows), bool)
    inliers[: len(voters)] = voters
    for loosened in (4.0, 2.5, 1.5, 1.0, 1.0, 1.0):
        if inliers.sum() < 4:
            return None
        count = _distinct(p[inliers], q[inliers])
        fit = fit_homography if count >= LEAST_FOR_HOMOGRAPHY and loosened < 4.0 else fit_affine
        matrix = fit(q[inliers], p[inliers])
        if not is_plausible(matrix, second.outline):
            matrix = fit_affine(q[inliers], p[inliers])
            if not is_plausible(matrix, second.outline):
                return None
        miss = np.linalg.norm(transfer(matrix, q) - p, axis=1)
        inliers = miss < loosened * fine_tolerance(first, second, matrix, rows)
    kept = rows[inliers]
    if _distinct(p[inliers], q[inliers]) < least or not _spread_out(p[inliers]):
        return None
    return Agreed(matrix, kept, rows)


def _distinct(first: Floats, second: Floats) -> int:
    """How many different places are matched: a blob has several orientations, and each would count."""
    return min(len(np.unique(np.round(places, 1) @ np.array([1, 1j]))) for places in (first, second))


def _spread_out(points: Floats) -> bool:
    """Whether points (n, 2) determine a plane's map: not all on one line, nor at one place."""
    singular = np.linalg.svd(points - points.mean(axis=0), compute_uv=False)
    return bool(singular[1] > 0.03 * singular[0])


def guided(first: Side, second: Side, matrix: Floats, reach: float) -> Agreed | None:
    """Match again where a known map puts each point: within `reach` tolerances, of like scale and orientation."""
    a, b = first.points, second.points
    inside = np.flatnonzero(_is_inside(transfer(matrix, b.place), first.width, first.height))
    if len(inside) < 4 or len(a.place) < 4:
        return None
    expected = transfer(matrix, b.place[inside])
    jacobians = local_jacobians(matrix, b.place[inside])
    scale = np.sqrt(np.abs(np.linalg.det(jacobians)))
    turn = np.arctan2(jacobians[:, 1, 0] - jacobians[:, 0, 1], jacobians[:, 0, 0] + jacobians[:, 1, 1])
    coarse = np.maximum(scale * second.reduced, first.reduced)
    size = b.size[inside] * scale
    spread = coarse * np.maximum(1.0, size / coarse / FINE_SIZE)
    near = cKDTree(a.place).query_ball_point(expected, reach * FINE_PX * spread)
    owner = np.repeat(np.arange(len(inside)), [len(one) for one in near])
    other = np.fromiter((index for one in near for index in one), np.int64, len(owner))
    turned = b.angle[inside][owner] + turn[owner] - a.angle[other]
    fits = np.abs(np.log(size[owner] / a.size[other])) < SCALE_AGREES
    fits &= np.abs((turned + np.pi) % (2 * np.pi) - np.pi) < ANGLE_AGREES
    owner, other = owner[fits], other[fits]
    likeness = np.einsum("kd,kd->k", b.descriptors[inside[owner]], a.descriptors[other])
    best = np.lexsort((-likeness, owner))
    best = best[np.diff(owner[best], prepend=-1) > 0]  # of each point the likest
    best = best[likeness[best] > LEAST_LIKENESS]
    found = np.column_stack([other[best], inside[owner[best]]])
    if len(found) < LEAST_INLIERS:
        return None
    order = np.argsort(-np.einsum("md,md->m", a.descriptors[found[:, 0]], b.descriptors[found[:, 1]]), kind="stable")
    found = found[order]
    _, first_of = np.unique(found[:, 0], return_index=True)
    found = found[np.sort(first_of)]
    p, q = a.place[found[:, 0]], b.place[found[:, 1]]
    miss = np.linalg.norm(transfer(matrix, q) - p, axis=1)
    inliers = miss < reach * fine_tolerance(first, second, matrix, found)
    return _refined(first, second, found, matrix, inliers) if inliers.sum() >= LEAST_INLIERS else None


def _is_inside(points: Floats, width: int, height: int) -> NDArray[np.bool_]:
    return np.asarray((points >= 0).all(axis=1) & (points[:, 0] <= width) & (points[:, 1] <= height))
