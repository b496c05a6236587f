"""Telling lenses apart: by the scale at which photos show the wall, and by the focal length that each would have for itself."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from .bundle import Floats, Whole, with_lenses
from .normal import Prior
from .solving import Solved, solve

LEAST_RATIO = 1.008  # of focal lengths: less is what focusing does to one lens
CERTAIN = 6.0  # standard errors between two lenses
LEAST_SCALE_GAP = 0.03  # of log scale: hand-held distances to a wall vary by as much
MOST_LENSES = 4
APART = 3.0  # times the spread within classes: a gap between them
FREED_ROUNDS, FREED_SETTLED = 10, 0.1  # enough to judge by differences of `CERTAIN` standard errors
STRAIN = 60.0
FOCAL_SIGMA, RADIAL_SIGMA = 0.5, 0.05  # of a photo's own log focal length and k1 about its lens': weak


def split_by_gaps(values: Floats, least_gap: float = LEAST_SCALE_GAP) -> Whole:
    """Labels (n,) of classes of (n,) values with wide gaps between them, from the smallest value up; NaN joins the largest class.

    Gaps are wider than `least_gap` and than `APART` times the standard deviation within any class.
    """
    known = np.flatnonzero(np.isfinite(values))
    order = known[np.argsort(values[known], kind="stable")]
    labels = np.zeros(len(values), np.int64)
    for label, members in enumerate(_split(order, values, least_gap)):
        labels[members] = label
    if len(known) < len(values):
        labels[~np.isfinite(values)] = np.bincount(labels[known]).argmax() if len(known) else 0
    return labels


def _split(order: Whole, values: Floats, least_gap: float) -> list[Whole]:
    """A sorted list of positions, cut at as many of its widest gaps as are all clear of the spread between them."""
    if len(order) < 2:
        return [order]
    gaps = np.diff(values[order])
    widest = np.argsort(-gaps, kind="stable")
    best = [order]
    for count in range(1, min(MOST_LENSES, len(order))):
        parts = np.split(order, np.sort(widest[:count]) + 1)
        spread = max(float(values[part].std()) for part in parts)
        if gaps[widest[count - 1]] >= max(least_gap, APART * spread):
            best = parts
    return best


def free_each(solved: Solved) -> Solved | None:
    """Give every photo a lens of its own, weakly held to the shared one, and solve again; None where that fails."""
    bundle = with_lenses(solved.bundle, np.arange(len(solved.bundle.lens)))
    prior = Prior(log_focal=bundle.log_focal, log_focal_sigma=FOCAL_SIGMA, radial=bundle.radial, radial_sigma=RADIAL_SIGMA)
    return solve(bundle, prior, solved.scale_px, FREED_ROUNDS, FREED_SETTLED)


def is_strained(solved: Solved, freed: Solved) -> bool:
    """Whether shared lenses cost far more than each photo's own, whatever these are: the photos do not come from those lenses.

    Each freed number is worth about 1 of cost where residuals are independent, about 10 on synthetic walls with one lens, and
    hundreds where one lens was forced on photos of two.
    """
    more = 2 * (len(freed.bundle.log_focal) - len(solved.bundle.log_focal))
    return more > 0 and solved.cost - freed.cost > STRAIN * more


def split_lens(freed: Solved, members: Whole, least_ratio: float = LEAST_RATIO) -> tuple[Whole, Whole] | None:
    """Two groups of one lens' photos (positions) whose own focal lengths differ for certain, or None.

    The cut is where one focal length for each group fits best.
    """
    if len(members) < 3:
        return None
    order = members[np.argsort(freed.bundle.log_focal[members], kind="stable")]
    fits = [_two_means(freed, order[:cut], order[cut:]) for cut in range(1, len(order))]
    best = int(np.argmin([misfit for misfit, _, _ in fits]))
    _, ratio, certainty = fits[best]
    if certainty < CERTAIN or ratio < np.log(least_ratio):
        return None
    return order[: best + 1], order[best + 1 :]


def _two_means(freed: Solved, low: Whole, high: Whole) -> tuple[float, float, float]:
    """Generalised least squares of one log focal length for each of two groups: misfit, difference, its standard errors.

    Errors of photos' own focal lengths hang together, so that means of them are no good measure of a group.
    """
    members = np.concatenate([low, high])
    inverse = np.linalg.pinv(freed.uncertainty[np.ix_(members, members)], hermitian=True)
    group = np.zeros((len(members), 2))
    group[: len(low), 0] = group[len(low) :, 1] = 1
    covariance = np.linalg.inv(group.T @ inverse @ group)
    values = freed.bundle.log_focal[members]
    means = covariance @ group.T @ inverse @ values
    left = values - group @ means
    difference = float(means[1] - means[0])
    error = float(np.sqrt(max(covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1], 1e-18)))
    return float(left @ inverse @ left), difference, difference / error


def lenses_differ(solved: Solved, first: int, second: int, least_ratio: float = LEAST_RATIO) -> bool:
    """Whether two lenses of a solved bundle have focal lengths that differ for certain."""
    low, high = (first, second) if solved.bundle.log_focal[first] < solved.bundle.log_focal[second] else (second, first)
    _, ratio, certainty = _two_means(solved, np.array([low]), np.array([high]))
    return bool(certainty > CERTAIN and ratio > np.log(least_ratio))


def merge_alike(solved: Solved, lenses: Whole) -> Whole:
    """Labels (k,) from 0 of k lenses of a solved bundle: neighbours that it does not tell apart have one label."""
    order = np.argsort(solved.bundle.log_focal[lenses], kind="stable")
    labels = np.zeros(len(lenses), np.int64)
    for low, high in pairwise(order):
        labels[high] = labels[low] + lenses_differ(solved, int(lenses[low]), int(lenses[high]))
    return labels
