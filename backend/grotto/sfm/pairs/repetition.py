"""Whether a wall repeats itself exactly: then what two photos share is as like another place, and no match is sure.

Painted look-alikes differ in the flaws of paint and plaster, and a true match is nearer than any of them. Where a motif is
printed, woven or cast, the wrong place is as near as the right one. Bricks, too, are as like other bricks; but of those each has
another place that it is like, and of a motif all its points have places one step away. So places vote for steps.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from ...contract import ProblemError
from .guided import largest_points
from .point_matcher import PhotoPoints, unit_descriptors
from .projective import Pair

POINTS = 1000  # of a photo, the largest
SAME_PLACE, OTHER_PLACE = 0.02, 0.06  # of the photo's longer side
MATCHED = 0.5  # radians between descriptors of one point in two photos
AS_NEAR = 1.1  # times the true match's angle
LEAST_POINTS = 30
LIKELIEST = 6  # steps that are looked at: those near nothing have few points in sight
_ROW = 100_003  # more than there are columns of cells
STEP = 0.02  # of the photo's longer side: steps that differ by less are one
REPEATED = 0.33  # of the points that would be in sight one step away: made walls have at most .07, a facade with like windows .44
MOST = 0.5  # of the pairs: woven motifs have .35 to .66 in nearly all, the facade a third in one pair of ten


class ExactRepetition(ProblemError):
    """The wall repeats itself exactly: bad input that no other way of joining the photos could mend."""


def repeated_share(first: PhotoPoints, second: PhotoPoints, turn: complex, shift: complex) -> float:
    """The share of the points that two photos show which are as like the place one common step away as their own.

    z_first = turn z_second + shift says where the photos lie. Counted are the points whose place one step away is in the second
    photo, too. 0 where they share too few points to tell.
    """
    a, b = (photo.chosen(largest_points(photo, POINTS)) for photo in (first, second))
    size = max(first.width, first.height)
    here, there = (side.keypoints[:, :2].astype(np.float64) @ np.array([1, 1j]) for side in (a, b))
    laid = turn * there + shift
    apart = np.abs(here[:, None] - laid[None])
    alike = unit_descriptors(a.descriptors) @ unit_descriptors(b.descriptors).T
    own = np.where(apart < SAME_PLACE * size, alike, -1.0).max(axis=1, initial=-1.0)
    shown = np.flatnonzero(own > np.cos(MATCHED))
    if len(shown) < LEAST_POINTS:
        return 0.0
    least = np.cos(AS_NEAR * np.arccos(np.clip(own[shown], -1, 1)))
    rows, columns = np.nonzero((alike[shown] > least[:, None]) & (apart[shown] > OTHER_PLACE * size))
    steps = laid[columns] - here[shown[rows]]
    share = 0.0
    for cells in _cells(steps, STEP * size):
        votes = np.unique(np.column_stack([cells, rows]), axis=0)[:, 0]  # one of each point
        names, counts = np.unique(votes, return_counts=True)
        for chosen in np.argsort(-counts)[:LIKELIEST]:
            step = steps[cells == names[chosen]].mean()
            place = (here[shown] + step - shift) / turn
            inside = (place.real > 0) & (place.real < second.width) & (place.imag > 0) & (place.imag < second.height)
            if inside.sum() >= LEAST_POINTS:
                share = max(share, float(counts[chosen] / inside.sum()))
    return share


def _cells(steps: NDArray[np.complex128], side: float) -> Iterator[NDArray[np.int64]]:
    """Names (n,) of the cells that steps fall into, for four grids half a cell apart: in one of them a motif's step is whole."""
    for x, y in ((0.0, 0.0), (0.5, 0.0), (0.0, 0.5), (0.5, 0.5)):
        column, row = (np.floor(part / side + start).astype(np.int64) for part, start in ((steps.real, x), (steps.imag, y)))
        yield row * _ROW + column


def repeated_pairs(inliers: Mapping[Pair, int], share: Callable[[Pair], float]) -> list[Pair]:
    """The pairs (of which so many matches agree) that show a place which comes again exactly.

    Each photo's best pair is looked at first, and the others only where one of those is doubtful.
    """
    best: dict[int, Pair] = {}
    for pair in sorted(inliers, key=lambda pair: inliers[pair]):
        best.update(dict.fromkeys(pair, pair))
    known = {pair: share(pair) for pair in set(best.values())}
    if not _doubtful(known, known):
        return []
    known.update({pair: share(pair) for pair in inliers if pair not in known})
    return _doubtful(inliers, known)


def _doubtful(pairs: Iterable[Pair], known: Mapping[Pair, float]) -> list[Pair]:
    return [pair for pair in pairs if known[pair] >= REPEATED]
