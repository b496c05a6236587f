"""Accuracy and recall of matches as the mural paper defines them, and recall at one accuracy over all thresholds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
RIGHT_PX = 5.0  # the paper's


@dataclass(frozen=True)
class Judged:
    """The matches of one pair, or of many pairs together."""

    score: Floats  # (m,) larger is surer
    right: NDArray[np.bool_]  # (m,) the true place lies within `RIGHT_PX`
    covered: int  # points of the first pictures with any point of the second so near to their true place
    same: NDArray[np.bool_]  # (m,) the match is one of the true pairs: mutual, nearer, of one orientation and size
    pairs: int  # true pairs


def judge(
    rows: NDArray[np.int64],  # (m, 2)
    score: NDArray[np.floating],  # (m,)
    true_place: Floats,  # (n, 2) of the first picture's points in the second; nan where it cannot be
    second: NDArray[np.floating],  # (k, 2) points of the second picture
    partner: NDArray[np.int64],  # (n,) rows of true partners, -1 without
) -> Judged:
    """Compare matches with the truth."""
    from scipy.spatial import cKDTree  # here: the network itself needs no scipy

    known = np.isfinite(true_place).all(axis=1)
    covered = 0
    if known.any() and len(second):
        nearest, _ = cKDTree(second).query(true_place[known])
        covered = int((nearest < RIGHT_PX).sum())
    miss = np.linalg.norm(true_place[rows[:, 0]] - second[rows[:, 1]], axis=1) if len(rows) else np.zeros(0)
    right = np.nan_to_num(miss, nan=np.inf) < RIGHT_PX
    same = partner[rows[:, 0]] == rows[:, 1] if len(rows) else np.zeros(0, bool)
    return Judged(np.asarray(score, np.float64), right, covered, same, int((partner >= 0).sum()))


def together(judged: list[Judged]) -> Judged:
    """Many pairs as one."""
    return Judged(
        np.concatenate([one.score for one in judged]),
        np.concatenate([one.right for one in judged]),
        sum(one.covered for one in judged),
        np.concatenate([one.same for one in judged]),
        sum(one.pairs for one in judged),
    )


def accuracy_and_recall(judged: Judged, threshold: float = -np.inf) -> tuple[float, float]:
    """Of the matches with at least this score: the part that is right, and the part of covered points that they find."""
    kept = judged.score >= threshold
    right = int((judged.right & kept).sum())
    return right / max(int(kept.sum()), 1), right / max(judged.covered, 1)


def recall_at(judged: Judged, accuracy: float) -> float:
    """The best recall of any threshold at which at least this part of the matches is right; 0 where there is none."""
    order = np.argsort(-judged.score, kind="stable")
    right = np.cumsum(judged.right[order])
    held = right >= accuracy * np.arange(1, len(order) + 1)
    score = judged.score[order]
    last_of_score = np.append(score[1:] < score[:-1], True) if len(score) else np.zeros(0, bool)
    held &= last_of_score  # a threshold takes all matches of one score, or none
    return float(right[held].max(initial=0) / max(judged.covered, 1))
