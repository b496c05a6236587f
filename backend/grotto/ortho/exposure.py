"""Exposure compensation: one gain per photo and channel, and one falloff towards the corners per lens.

At places seen by several photos, log light = painting + gain of the photo + falloff at that radius. All are found
together by least squares with the painting's part eliminated (the Schur complement of bundle adjustment), as panorama
makers do it: Goldman, Vignette and exposure calibration and compensation, PAMI 2010. A gain is pulled to one and the
falloff to none, weakly, because overlaps report_part nothing of the whole set's exposure.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse import linalg

Floats = NDArray[np.float64]

_TERMS = 2  # r^2, r^4
_GAIN_PRIOR = 1.0  # log units
_FALLOFF_PRIOR = (0.4, 0.15)  # log units; lenses lose a third of the light in their corners, or less
_MOST_FALLOFF = 1.0  # log units at the corners
_ALIKE = 20.0  # neighbouring places err alike (relief, shine), so only one in so many is counted as evidence
_ROUNDS = 6
_FIRST_SCALE = 0.05  # log units: misfit of one place in one photo, before it is known
_HUBER = 1.5
_LEAST_LIGHT, _MOST_LIGHT = 0.002, 0.93  # outside of it sensors are dark or saturated


@dataclass(frozen=True)
class Samples:
    """m looks of photos at places of the wall."""

    photo: NDArray[np.int64]  # (m,)
    place: NDArray[np.int64]  # (m,)
    square_radius: Floats  # (m,), from the photo's centre, 1 at the corners
    light: Floats  # (m, 3) linear

    def usable(self) -> Samples:
        """Those well exposed, at places that two photos or more see so."""
        good = ((self.light > _LEAST_LIGHT) & (self.light < _MOST_LIGHT)).all(1)
        _, place, count = np.unique(self.place[good], return_inverse=True, return_counts=True)
        shared = count[place] >= 2
        keep = np.nonzero(good)[0][shared]
        _, place = np.unique(self.place[keep], return_inverse=True)
        return Samples(self.photo[keep], place, self.square_radius[keep], self.light[keep])


@dataclass(frozen=True)
class PhotoGains:
    """Factors for each photo's linear light."""

    gains: NDArray[np.float32]  # (photos, 3)
    falloff: NDArray[np.float32]  # (lenses, 2): of r^2 and r^4 in log light, never rising outwards
    lens: NDArray[np.int64]  # (photos,): which falloff a photo has

    @classmethod
    def neutral(cls, lens: NDArray[np.int64]) -> PhotoGains:
        lenses = int(lens.max(initial=0)) + 1
        return cls(np.ones((len(lens), 3), np.float32), np.zeros((lenses, _TERMS), np.float32), lens)

    def lift(self, photo: int, square_radius: NDArray[np.floating]) -> NDArray[np.float32]:
        """The factor against falloff at squared radii, any shape; 1 at the photo's centre."""
        square = square_radius.astype(np.float32)
        a = self.falloff[self.lens[photo]]
        return np.exp(-square * (a[0] + square * a[1]))


def solve_exposure(samples: Samples, lens: NDArray[np.int64]) -> PhotoGains:
    """Gains and falloffs that make photos agree; neutral where nothing overlaps."""
    exposure = PhotoGains.neutral(lens)
    samples = samples.usable()
    if len(samples.photo) < 2:
        return exposure
    photos, lenses = len(lens), len(exposure.falloff)
    logs = np.log(samples.light)
    gain_columns = _incidence(samples.photo, photos)
    falloff_columns = _falloff_columns(samples, lens, lenses)
    both = sparse.hstack([gain_columns, falloff_columns]).tocsr()
    prior = np.concatenate([np.full(photos, _GAIN_PRIOR), np.tile(_FALLOFF_PRIOR, lenses)])
    found, weights = _solve(both, samples.place, logs.mean(1), prior)
    falloff = np.array([_plausible(terms) for terms in found[photos:].reshape(lenses, _TERMS)])
    gains = np.empty((photos, 3))
    for channel in range(3):
        rest = logs[:, channel] - falloff_columns @ falloff.ravel()
        one, _ = _solve(gain_columns, samples.place, rest, prior[:photos], weights)
        gains[:, channel] = one - one.mean()
    return PhotoGains(np.exp(-gains).astype(np.float32), falloff.astype(np.float32), exposure.lens)


def _plausible(terms: Floats) -> Floats:
    """A falloff (2,) that no lens contradicts: light never rises outwards, and not all of it is lost."""
    first, second = min(terms[0], 0.0), terms[1]
    second = min(second, -first / 2.0)  # slope 2 r (first + 2 second r^2) at the corner is at most 0
    corner = -(first + second)
    return np.array([first, second]) * min(1.0, _MOST_FALLOFF / max(corner, 1e-9))


def _incidence(column: NDArray[np.int64], columns: int) -> sparse.csr_matrix:
    return sparse.csr_matrix((np.ones(len(column)), (np.arange(len(column)), column)), (len(column), columns))


def _falloff_columns(samples: Samples, lens: NDArray[np.int64], lenses: int) -> sparse.csr_matrix:
    powers = np.stack([samples.square_radius ** (term + 1) for term in range(_TERMS)], axis=1)
    columns = lens[samples.photo][:, None] * _TERMS + np.arange(_TERMS)
    rows = np.repeat(np.arange(len(columns)), _TERMS)
    return sparse.csr_matrix((powers.ravel(), (rows, columns.ravel())), (len(columns), lenses * _TERMS))


def _solve(
    columns: sparse.csr_matrix, place: NDArray[np.int64], values: Floats, prior: Floats, weights: Floats | None = None
) -> tuple[Floats, Floats]:
    """Unknowns of `columns` and the samples' robust weights; given weights are used as they are."""
    places = _incidence(place, int(place.max()) + 1)
    rounds = 1 if weights is not None else _ROUNDS
    weights = np.ones(len(values)) if weights is None else weights
    found, scale = np.zeros(columns.shape[1]), _FIRST_SCALE
    for _ in range(rounds):
        weighted = columns.T @ sparse.diags(weights)
        per_place = places.T @ weights
        cross = weighted @ places
        reduced = weighted @ columns - cross @ sparse.diags(1.0 / per_place) @ cross.T
        right = weighted @ values - cross @ ((places.T @ (weights * values)) / per_place)
        found = linalg.spsolve((reduced + sparse.diags(_ALIKE * (scale / prior) ** 2)).tocsc(), right)
        rest = values - columns @ found
        rest -= ((places.T @ (weights * rest)) / per_place)[place]
        scale = max(1.4826 * float(np.median(np.abs(rest))), 1e-4)
        weights = np.minimum(1.0, _HUBER * scale / np.maximum(np.abs(rest), 1e-12))
    return found, weights
