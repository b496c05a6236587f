"""Similarities of the plane as complex numbers: z -> a z + b, with |a| the scale and arg a the rotation.

A wall seen frontally moves between two photos nearly by a similarity; that is all that a coarse layout needs.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Complex = NDArray[np.complex128]


@dataclass(frozen=True)
class PairSimilarity:
    """Maps pixels of photo `second` to pixels of photo `first`: z_first = turn * z_second + shift."""

    first: int
    second: int
    turn: complex  # scale and rotation
    shift: complex  # pixels
    inliers: int
    spread: float  # pixels: median distance of the inliers from the similarity


def fit_similarity(source: Complex, target: Complex) -> tuple[complex, complex]:
    """The least-squares (a, b) with target = a source + b; (n,) complex points, n >= 2."""
    centre_source, centre_target = source.mean(), target.mean()
    u, v = source - centre_source, target - centre_target
    norm = float(np.sum(np.abs(u) ** 2))
    turn = complex(np.sum(v * u.conj()) / norm) if norm > 0 else 1.0 + 0j
    return turn, complex(centre_target - turn * centre_source)


def vote_similarity(
    first: Complex,  # (n,) pixels
    second: Complex,  # (n,) pixels of the matched features
    turn: Complex,  # (n,) scale and rotation that each match's own features claim
    tolerance: float,  # pixels
    most_scale: float = 4.0,
) -> tuple[complex, complex, NDArray[np.bool_]] | None:
    """The similarity on which most matches agree: each match is a hypothesis by its features' scale and orientation.

    No random sampling: n hypotheses are all tried. Returns (a, b, inliers) refined on its inliers, or None where
    fewer than four matches agree.
    """
    scale = np.abs(turn)
    usable = (scale > 1 / most_scale) & (scale < most_scale)
    if usable.sum() < 4:
        return None
    claims = turn[usable]
    shifts = first[usable] - claims * second[usable]
    predicted = claims[:, None] * second[None, :] + shifts[:, None]
    votes = (np.abs(predicted - first[None, :]) < 2 * tolerance).sum(axis=1)
    best = int(np.argmax(votes))
    inliers = np.abs(predicted[best] - first) < 2 * tolerance
    for _ in range(4):
        if inliers.sum() < 4:
            return None
        a, b = fit_similarity(second[inliers], first[inliers])
        inliers = np.abs(a * second + b - first) < tolerance
    if inliers.sum() < 4:
        return None
    return a, b, inliers
