"""Telling lenses apart: by the scale at which photos show the wall, and by the focal length that each would have for itself."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from .bundle import Floats, Whole, with_lenses
from .solving import Prior, Solved, solve

LEAST_RATIO = 1.008  # of focal lengths: less is what focusing does to one lens
CERTAIN = 6.0  # standard errors between two lenses
LEAST_SCALE_GAP = 0.03  # of log scale: hand-held distances to a wall vary by as much
APART = 3.0  # times the spread within classes: a gap between them
FOCAL_SIGMA, RADIAL_SIGMA = 0.5, 0.05  # of a photo's own log focal length and k1 about its lens': weak


def split_by_gaps(values: Floats, least_gap: float = LEAST_SCALE_GAP) -> Whole:
    """Labels (n,) of classes of (n,) values with wide gaps between them, from the smallest value up; NaN joins the largest class.

    A gap is wider than `least_gap` and than `APART` times the standard deviation within either class.
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
    """Parts of a sorted list of positions, cut at its widest gap again and again."""
    if len(order) < 2:
        return [order]
    gaps = np.diff(values[order])
    cut = int(np.argmax(gaps)) + 1
    low, high = order[:cut], order[cut:]
    spread = max(float(values[low].std()), float(values[high].std()))
    if gaps[cut - 1] < max(least_gap, APART * spread):
        return [order]
    return [*_split(low, values, least_gap), *_split(high, values, least_gap)]


def free_each(solved: Solved) -> Solved | None:
    """Give every photo a lens of its own, weakly held to the shared one, and solve again; None where that fails."""
    bundle = with_lenses(solved.bundle, np.arange(len(solved.bundle.lens)))
    prior = Prior(log_focal=bundle.log_focal, log_focal_sigma=FOCAL_SIGMA, radial=bundle.radial, radial_sigma=RADIAL_SIGMA)
    return solve(bundle, prior, solved.scale_px)


def split_lens(freed: Solved, members: Whole, least_ratio: float = LEAST_RATIO) -> tuple[Whole, Whole] | None:
    """Two groups of one lens' photos (positions) whose own focal lengths differ for certain, or None.

    The cut is where the difference of means is the most standard errors; it must be clear of the spread within the groups.
    """
    if len(members) < 3:
        return None
    values = freed.bundle.log_focal[members]
    order = np.argsort(values, kind="stable")
    best, best_cut = 0.0, 0
    for cut in range(1, len(members)):
        certainty = _difference(freed, members[order[:cut]], members[order[cut:]])[1]
        if certainty > best:
            best, best_cut = certainty, cut
    if not best_cut:
        return None
    low, high = members[order[:best_cut]], members[order[best_cut:]]
    ratio = _difference(freed, low, high)[0]
    if best < CERTAIN or ratio < np.log(least_ratio):
        return None
    return low, high


def _difference(freed: Solved, low: Whole, high: Whole) -> tuple[float, float]:
    """Difference of two groups' mean log focal lengths, and how many standard errors it is."""
    contrast = np.zeros(len(freed.bundle.log_focal))
    contrast[high], contrast[low] = 1 / len(high), -1 / len(low)
    difference = float(contrast @ freed.bundle.log_focal)
    error = float(np.sqrt(max(contrast @ freed.uncertainty @ contrast, 1e-18)))
    return difference, difference / error


def lenses_differ(solved: Solved, first: int, second: int, least_ratio: float = LEAST_RATIO) -> bool:
    """Whether two lenses of a solved bundle have focal lengths that differ for certain."""
    low, high = (np.array([index]) for index in sorted((first, second), key=lambda index: solved.bundle.log_focal[index]))
    ratio, certainty = _difference(solved, low, high)
    return bool(certainty > CERTAIN and ratio > np.log(least_ratio))


def merge_alike(solved: Solved, lenses: Whole) -> Whole:
    """Labels (k,) from 0 of k lenses of a solved bundle: neighbours that it does not tell apart have one label."""
    order = np.argsort(solved.bundle.log_focal[lenses], kind="stable")
    labels = np.zeros(len(lenses), np.int64)
    for low, high in pairwise(order):
        labels[high] = labels[low] + lenses_differ(solved, int(lenses[low]), int(lenses[high]))
    return labels
