"""What each way of matching finds on the pairs of one set."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from ...models.matching import Judged, ScoredMatches, accuracy_and_recall, judge, recall_at, together
from ...models.matching.training import find_truth
from .matcher_sets import SetViews, ViewPair
from .matcher_ways import Way

ACCURACIES = (0.9, 0.95)
FALSE_INLIERS, INLIER_PX = 20, 2.0  # matches that agree on a homography, with which a pair would count as verified
UPRIGHT_DEG = 30.0


@dataclass(frozen=True, kw_only=True)
class WayScores:
    """Scores of one way on one set; recalls are the paper's, of all covered points."""

    way: str
    pairs: int
    accuracy: float  # at the way's threshold
    recall: float
    strict_recall: float  # of the true pairs
    recall_at: tuple[float, ...]  # at ACCURACIES, whichever threshold
    turned_pairs: int  # turned by more than UPRIGHT_DEG
    turned_recall_at: float  # at the first of ACCURACIES
    apart_pairs: int  # that share nothing
    apart_verified: int  # of those, pairs of which FALSE_INLIERS matches agree on a homography
    upright_accuracy: float  # at the way's threshold, of the pairs that are not turned
    upright_found: float  # of true pairs by place alone: orientation and size of a point are not asked for
    turned_accuracy: float
    turned_found: float
    pair_cpu_s: float  # of matching a pair that overlaps
    view_cpu_s: float  # of finding the points of a view; nan where it was not measured


def score_way(way: Way, views: SetViews, most_pairs: int, most_apart: int, view_cpu_s: float = float("nan")) -> WayScores:
    """Match pairs of the set, spread evenly over them."""
    pairs = _spread(views.pairs, most_pairs)
    began = time.process_time()
    found = [way.match(views.points[pair.first], views.points[pair.second]) for pair in pairs]
    pair_cpu_s = (time.process_time() - began) / max(len(pairs), 1)
    is_turned = [pair.turn_deg > UPRIGHT_DEG for pair in pairs]
    judged = [_judged(one, views, pair, by_place=False) for one, pair in zip(found, pairs, strict=True)]
    turned = [one for one, by in zip(judged, is_turned, strict=True) if by]
    by_place = [_judged(one, views, pair, by_place=True) for one, pair in zip(found, pairs, strict=True)]
    upright_accuracy, upright_found = _found(way, [one for one, by in zip(by_place, is_turned, strict=True) if not by])
    turned_accuracy, turned_found = _found(way, [one for one, by in zip(by_place, is_turned, strict=True) if by])
    whole = together(judged)
    accuracy, recall = accuracy_and_recall(whole, way.threshold)
    kept = whole.score >= way.threshold
    apart = _spread(views.apart, most_apart)
    return WayScores(
        way=way.name,
        pairs=len(pairs),
        accuracy=accuracy,
        recall=recall,
        strict_recall=float((whole.same & kept).sum() / max(whole.pairs, 1)),
        recall_at=tuple(recall_at(whole, accuracy) for accuracy in ACCURACIES),
        turned_pairs=len(turned),
        turned_recall_at=recall_at(together(turned), ACCURACIES[0]) if turned else float("nan"),
        apart_pairs=len(apart),
        apart_verified=sum(_verified(way, views, pair) for pair in apart),
        upright_accuracy=upright_accuracy,
        upright_found=upright_found,
        turned_accuracy=turned_accuracy,
        turned_found=turned_found,
        pair_cpu_s=pair_cpu_s,
        view_cpu_s=view_cpu_s,
    )


def _found(way: Way, judged: list[Judged]) -> tuple[float, float]:
    """Accuracy and found part of true pairs at the way's threshold; nan without pairs."""
    if not judged:
        return float("nan"), float("nan")
    whole = together(judged)
    kept = whole.score >= way.threshold
    right, same = int((whole.right & kept).sum()), int((whole.same & kept).sum())
    return right / max(int(kept.sum()), 1), same / max(whole.pairs, 1)


def _judged(found: ScoredMatches, views: SetViews, pair: ViewPair, *, by_place: bool) -> Judged:
    first, second = views.points[pair.first], views.points[pair.second]
    if not len(first) or not len(second):
        return judge(found.rows, found.probability, np.zeros((len(first), 2)), second.place, np.zeros(0, np.int64))
    truth = find_truth(first, views.maps[pair.first], second, views.maps[pair.second], by_place=by_place)
    place = np.where(truth.inside_a[:, None], truth.place_a, np.nan)
    return judge(found.rows, found.probability, place, second.place, truth.partner)


def _verified(way: Way, views: SetViews, pair: ViewPair) -> bool:
    first, second = views.points[pair.first], views.points[pair.second]
    rows = way.match(first, second).at_least(way.strict)
    if len(rows) < FALSE_INLIERS:
        return False
    cv2.setRNGSeed(0)
    one, other = first.place[rows[:, 0]].astype(np.float64), second.place[rows[:, 1]].astype(np.float64)
    _, inliers = cv2.findHomography(one, other, cv2.USAC_MAGSAC, INLIER_PX, maxIters=2000, confidence=0.999)
    return inliers is not None and int(np.asarray(inliers).sum()) >= FALSE_INLIERS


def _spread(pairs: Sequence[ViewPair], most: int) -> list[ViewPair]:
    """At most so many of the pairs, evenly from first to last."""
    if len(pairs) <= most:
        return list(pairs)
    return [pairs[int(row)] for row in np.linspace(0, len(pairs) - 1, most)]
