"""Focal enumeration: the focal length of one lens from a block of photos, by the total robust cost with the focal length held.

A wall is nearly flat, so the cost is a shallow valley along the focal length: adjustments that begin far away creep along it, or
end at a focal length that no camera has. Held at one value after another, the focal length cannot creep. A wide enumeration
finds the valley, golden section search its bottom, and a last adjustment with all free tells how certain it is (paper 001,
"Focal Length Estimation for Mural Cameras"). The paper takes the value with the best pose of each new camera; between values a
few percent apart those differ by less than the noise, and the cost of a block does not.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from .bundle import Bundle, Floats
from .normal import Prior
from .solving import Solved, solve

WIDE_STEPS = 10
WIDEST, NARROWEST = 0.35, 10.0  # focal lengths in longer sides of the photo: fields of view of 110 and of 6 degrees
NARROW_STEPS = 6  # of golden section search: 18-fold narrower, a few hundredths of the focal length; the rest is adjustment
HELD_ROUNDS = 6
OBSERVABLE = 0.2  # standard error of log focal length above which photos do not tell it
_HELD, _FREE = 1e-6, 10.0  # standard deviations of a prior that holds a value, and of one that does not
_GOLDEN = (np.sqrt(5) - 1) / 2


@dataclass(frozen=True, kw_only=True)
class FocalCurve:
    """What an enumeration found, for a block of photos with one lens."""

    focal_px: Floats  # (k,) values tried, ascending
    cost: Floats  # (k,) robust cost over squared scale, at each
    solved: Solved  # all free, from the best of them

    @property
    def best_px(self) -> float:
        return float(np.exp(self.solved.bundle.log_focal[0]))

    @property
    def standard_error(self) -> float:
        """Of the log focal length."""
        return float(np.sqrt(self.solved.uncertainty[0, 0]))

    @property
    def observable(self) -> bool:
        """Whether the photos tell the focal length at all."""
        return self.standard_error < OBSERVABLE


def enumerate_focal(bundle: Bundle, known: bool) -> FocalCurve | None:
    """Find the focal length of a bundle with one lens; None where the equations are singular.

    known: the bundle's focal length is known roughly (EXIF, or the user), and only its neighbourhood is searched.
    """
    begun = _held(bundle, float(bundle.log_focal[0]), 0.0)
    if begun is None:
        return None
    bundle, scale = begun.bundle, begun.scale_px
    tried: dict[float, tuple[float, Bundle]] = {}

    def cost(log_focal: float) -> float:
        begin = min(tried, key=lambda value: abs(value - log_focal), default=None)
        start = bundle if begin is None else tried[begin][1]
        held = _held(start, log_focal, scale)
        if held is None:
            return np.inf
        tried[log_focal] = held.cost, held.bundle
        return held.cost

    longer = 2 * float(bundle.middles.max())
    present = float(bundle.log_focal[0])
    if known:
        low, middle, high = present - 0.15, present, present + 0.15
        cost(middle)
    else:
        grid = np.linspace(np.log(WIDEST * longer), np.log(NARROWEST * longer), WIDE_STEPS)
        first = int(np.argmin(np.abs(grid - present)))
        for value in (*grid[first::-1], *grid[first + 1 :]):  # outwards, so that each begins near one that was solved
            cost(float(value))
        if not tried:
            return None
        middle = min(tried, key=lambda value: tried[value][0])
        step = float(grid[1] - grid[0])
        low, high = middle - step, middle + step
    _golden_section(cost, low, high)
    best = min(tried, key=lambda value: tried[value][0])
    solved = solve(tried[best][1])
    if solved is None:
        return None
    values = sorted(tried)
    return FocalCurve(focal_px=np.exp(values), cost=np.array([tried[value][0] for value in values]), solved=solved)


def _golden_section(cost: Callable[[float], float], low: float, high: float) -> None:
    """Narrow the bracket around the least cost."""
    a, b = high - _GOLDEN * (high - low), low + _GOLDEN * (high - low)
    cost_a, cost_b = cost(a), cost(b)
    for _ in range(NARROW_STEPS):
        if cost_a <= cost_b:
            high, b, cost_b = b, a, cost_a
            a = high - _GOLDEN * (high - low)
            cost_a = cost(a)
        else:
            low, a, cost_a = a, b, cost_b
            b = low + _GOLDEN * (high - low)
            cost_b = cost(b)


def _held(bundle: Bundle, log_focal: float, scale_px: float) -> Solved | None:
    """The bundle at its least cost with the focal length held."""
    start = stretched(bundle, log_focal)
    prior = Prior(log_focal=start.log_focal, log_focal_sigma=_HELD, radial=start.radial, radial_sigma=_FREE)
    return solve(start, prior, scale_px, HELD_ROUNDS)


def stretched(bundle: Bundle, log_focal: float) -> Bundle:
    """The bundle with another focal length, and its depths stretched alike, so that photos of a wall hardly change.

    Points and centres are stretched along the mean direction of view, about the middle of the points.
    """
    factor = float(np.exp(log_focal - bundle.log_focal[0]))
    axis = bundle.rotations[:, 2].mean(axis=0)
    axis /= np.linalg.norm(axis)
    middle = np.median(bundle.points, axis=0)

    def stretch(places: Floats) -> Floats:
        along = (places - middle) @ axis
        return places + ((factor - 1) * along)[:, None] * axis

    centres = -np.einsum("nji,nj->ni", bundle.rotations, bundle.translations)
    return dataclasses.replace(
        bundle,
        log_focal=np.full_like(bundle.log_focal, log_focal),
        points=stretch(bundle.points),
        translations=-np.einsum("nij,nj->ni", bundle.rotations, stretch(centres)),
    )
