"""Whether a wall repeats itself exactly: then what two photos share is as like another place, and no match is sure.

Painted look-alikes differ in the flaws of paint and plaster, and a true match is nearer than any of them. Where a motif is
printed, woven or cast, the wrong place is as near as the right one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import numpy as np

from ...contract import ProblemError
from .guided import largest_points
from .point_matcher import PhotoPoints, unit_descriptors
from .projective import Pair

POINTS = 1000  # of a photo, the largest
SAME_PLACE, OTHER_PLACE = 0.02, 0.06  # of the photo's longer side
MATCHED = 0.5  # radians between descriptors of one point in two photos
AS_NEAR = 1.1  # times the true match's angle
LEAST_POINTS = 30
REPEATED = 0.2  # of the points: made walls have at most .07, of a thousand like figures .18; woven motifs .2 to .86
MOST = 0.5  # of the pairs: with more doubtful, the rest is no surer


class ExactRepetition(ProblemError):
    """The wall repeats itself exactly: bad input that no other way of joining the photos could mend."""


def repeated_share(first: PhotoPoints, second: PhotoPoints, turn: complex, shift: complex) -> float:
    """The share of the points that two photos show which are as like another place of the second photo as their own.

    z_first = turn z_second + shift says where the photos lie. 0 where they share too few points to tell.
    """
    a, b = (photo.chosen(largest_points(photo, POINTS)) for photo in (first, second))
    size = max(first.width, first.height)
    here, there = (side.keypoints[:, :2].astype(np.float64) @ np.array([1, 1j]) for side in (a, b))
    apart = np.abs(here[:, None] - (turn * there + shift)[None])
    alike = unit_descriptors(a.descriptors) @ unit_descriptors(b.descriptors).T
    own = np.where(apart < SAME_PLACE * size, alike, -1.0).max(axis=1, initial=-1.0)
    other = np.where(apart > OTHER_PLACE * size, alike, -1.0).max(axis=1, initial=-1.0)
    shown = own > np.cos(MATCHED)
    if shown.sum() < LEAST_POINTS:
        return 0.0
    angles = [np.arccos(np.clip(side[shown], -1, 1)) for side in (own, other)]
    return float((angles[1] < AS_NEAR * angles[0]).mean())


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
