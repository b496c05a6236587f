"""The normal equations of a bundle with its points eliminated (Schur's complement), block by block.

Every observation ties eight unknowns of a photo (six of its pose, two of its lens) to three of a point. Two photos are tied by
the points that both see, so the sums run over pairs of observations of one point; which pairs there are is found once.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import scipy.sparse

from .bundle import Bundle, Floats, Linear, Whole

_PAIRS_AT_ONCE = 200_000  # 100 MB of blocks


@dataclass(frozen=True, kw_only=True)
class Prior:
    """Weak knowledge of lenses, one entry a lens: mean and standard deviation of log focal length and of k1 (infinite: none)."""

    log_focal: Floats
    log_focal_sigma: float
    radial: Floats
    radial_sigma: float


@dataclass(frozen=True, kw_only=True)
class Ties:
    """What is summed into what: it depends on who sees what, not on where things are."""

    by_photo: scipy.sparse.csr_matrix  # (n, o)
    by_point: scipy.sparse.csr_matrix  # (p, o)
    by_lens: scipy.sparse.csr_matrix  # (m, n)
    first: Whole  # (k,) observations, in the order of `starts`
    second: Whole  # (k,) observations of the same points, never before `first`
    keys: Whole  # (b,) first photo * n + second photo of each block
    starts: Whole  # (b,) positions in `first`
    columns: Whole  # (n, 8) of each photo's unknowns


@dataclass(frozen=True, kw_only=True)
class Normal:
    """The reduced equations; unknowns are the poses (n * 6), then the lenses (m * 2)."""

    reduced: Floats  # (c, c), the gauge fixed
    gradient: Floats  # (c,)
    coupling: Floats  # (o, 8, 3) of each observation's photo with its point
    points: Floats  # (p, 3, 3) inverses of the points' own blocks
    points_gradient: Floats  # (p, 3)


def find_ties(bundle: Bundle) -> Ties:
    """Find which observations share points."""
    photos, count = len(bundle.lens), len(bundle.photo)
    order = np.argsort(bundle.point, kind="stable")
    number = np.bincount(bundle.point, minlength=len(bundle.points))
    rank = np.arange(count) - np.repeat(np.cumsum(number) - number, number)
    partners = np.repeat(number, number) - rank
    first = np.repeat(np.arange(count), partners)
    second = first + np.arange(len(first)) - np.repeat(np.cumsum(partners) - partners, partners)
    first, second = order[first], order[second]
    key = bundle.photo[first] * photos + bundle.photo[second]
    sort = np.argsort(key, kind="stable")
    keys, starts = np.unique(key[sort], return_index=True)
    at = np.arange(photos)[:, None]
    return Ties(
        by_photo=_sums(bundle.photo, photos),
        by_point=_sums(bundle.point, len(bundle.points)),
        by_lens=_sums(bundle.lens, len(bundle.log_focal)),
        first=first[sort],
        second=second[sort],
        keys=keys,
        starts=starts,
        columns=np.concatenate([6 * at + np.arange(6), 6 * photos + 2 * bundle.lens[:, None] + np.arange(2)], axis=1),
    )


def normal_equations(bundle: Bundle, linear: Linear, ties: Ties, weight: Floats, prior: Prior | None, damping: float) -> Normal:
    """Sum up the equations, eliminate the points, fix the gauge by its seven null directions. weight (o,): of squared px."""
    photos = len(bundle.lens)
    by_camera = np.concatenate([linear.by_camera, linear.by_lens], axis=2)  # (o, 2, 8)
    weighted = weight[:, None, None] * by_camera
    own = _summed(ties.by_photo, by_camera.transpose(0, 2, 1) @ weighted)
    coupling = weighted.transpose(0, 2, 1) @ linear.by_point
    blocks = _summed(ties.by_point, linear.by_point.transpose(0, 2, 1) @ (weight[:, None, None] * linear.by_point))
    points_gradient = -_summed(ties.by_point, weight[:, None] * np.einsum("oki,ok->oi", linear.by_point, linear.residuals))
    diagonal = np.einsum("pii->pi", blocks)
    diagonal += damping * diagonal + 1e-12 * diagonal.max()
    inverses: Floats = np.asarray(np.linalg.inv(blocks), np.float64)
    eliminated = coupling @ inverses[bundle.point]  # (o, 8, 3)
    pulled = -np.einsum("oki,ok->oi", weighted, linear.residuals)
    pulled -= np.einsum("oij,oj->oi", eliminated, points_gradient[bundle.point])
    gradient = _to_unknowns(_summed(ties.by_photo, pulled), ties)
    full = np.zeros((photos, photos, 8, 8))
    full[np.arange(photos), np.arange(photos)] = own
    full = _joined(full, ties)
    _add_prior(full, gradient, bundle, prior)
    largest = np.median(np.diag(full)[: 6 * photos])
    full[np.diag_indices(len(full))] *= 1 + damping
    reduced = full - _joined(_shared(eliminated, coupling, ties, photos), ties)
    gauge = _gauge(bundle)
    reduced = (reduced + reduced.T) / 2 + largest * gauge @ gauge.T
    return Normal(reduced=reduced, gradient=gradient, coupling=coupling, points=inverses, points_gradient=points_gradient)


def onto_points(camera: Floats, normal: Normal, bundle: Bundle, ties: Ties) -> Floats:
    """(p, 3, k): what k changes (c, k) of the cameras ask of the points."""
    asked = normal.coupling.transpose(0, 2, 1) @ camera[ties.columns[bundle.photo]]
    return _summed(ties.by_point, asked)


def _shared(eliminated: Floats, coupling: Floats, ties: Ties, photos: int) -> Floats:
    """(n, n, 8, 8): what the points take from the equations of every two photos."""
    taken = np.zeros((photos * photos, 8, 8))
    cuts = [0]
    while cuts[-1] < len(ties.starts):
        cuts.append(max(int(np.searchsorted(ties.starts, ties.starts[cuts[-1]] + _PAIRS_AT_ONCE)), cuts[-1] + 1))
    for low, high in pairwise(cuts):
        begin, end = int(ties.starts[low]), int(ties.starts[high]) if high < len(ties.starts) else len(ties.first)
        first, second = ties.first[begin:end], ties.second[begin:end]
        products = eliminated[first] @ coupling[second].transpose(0, 2, 1)
        products[first == second] /= 2  # each pair is counted both ways below
        taken[ties.keys[low:high]] = np.add.reduceat(products, ties.starts[low:high] - begin, axis=0)
    blocks = taken.reshape(photos, photos, 8, 8)
    return blocks + blocks.transpose(1, 0, 3, 2)


def _joined(blocks: Floats, ties: Ties) -> Floats:
    """(c, c) equations of blocks (n, n, 8, 8) of photos, those of one lens summed up."""
    photos, lenses = len(blocks), ties.by_lens.shape[0]
    size = 6 * photos + 2 * lenses
    joined = np.zeros((size, size))
    joined[: 6 * photos, : 6 * photos] = blocks[:, :, :6, :6].transpose(0, 2, 1, 3).reshape(6 * photos, 6 * photos)
    across = ties.by_lens @ blocks[:, :, :6, 6:].transpose(1, 0, 2, 3).reshape(photos, -1)  # (m, n * 6 * 2)
    between = across.reshape(lenses, photos, 6, 2).transpose(1, 2, 0, 3).reshape(6 * photos, 2 * lenses)
    joined[: 6 * photos, 6 * photos :], joined[6 * photos :, : 6 * photos] = between, between.T
    rows = (ties.by_lens @ blocks[:, :, 6:, 6:].reshape(photos, -1)).reshape(lenses, photos, 2, 2)
    both = (ties.by_lens @ rows.transpose(1, 0, 2, 3).reshape(photos, -1)).reshape(lenses, lenses, 2, 2)
    joined[6 * photos :, 6 * photos :] = both.transpose(1, 2, 0, 3).reshape(2 * lenses, 2 * lenses)
    return joined


def _to_unknowns(by_photo: Floats, ties: Ties) -> Floats:
    return np.concatenate([by_photo[:, :6].ravel(), np.asarray(ties.by_lens @ by_photo[:, 6:]).ravel()])


def _add_prior(full: Floats, gradient: Floats, bundle: Bundle, prior: Prior | None) -> None:
    if prior is None:
        return
    at = 6 * len(bundle.lens) + 2 * np.arange(len(bundle.log_focal))
    for offset, mean, value, sigma in (
        (0, prior.log_focal, bundle.log_focal, prior.log_focal_sigma),
        (1, prior.radial, bundle.radial, prior.radial_sigma),
    ):
        if np.isfinite(sigma):
            full[at + offset, at + offset] += 1 / sigma**2
            gradient[at + offset] += (mean - value) / sigma**2


def _gauge(bundle: Bundle) -> Floats:
    """(c, 7) orthonormal: moves, turns and the scale of the whole, which no residual notices."""
    photos = len(bundle.lens)
    null = np.zeros((6 * photos + 2 * len(bundle.log_focal), 7))
    for index in range(photos):
        row = 6 * index
        null[row : row + 3, 0:3] = -bundle.rotations[index]
        null[row + 3 : row + 6, 3:6] = -bundle.rotations[index]
        null[row + 3 : row + 6, 6] = bundle.translations[index]
    return np.linalg.qr(null)[0]


def _sums(group: Whole, count: int) -> scipy.sparse.csr_matrix:
    """(count, k): multiplied by (k, ...) values, their sums by group (k,)."""
    return scipy.sparse.csr_matrix((np.ones(len(group)), (group, np.arange(len(group)))), shape=(count, len(group)))


def _summed(sums: scipy.sparse.csr_matrix, values: Floats) -> Floats:
    flat = np.ascontiguousarray(values).reshape(len(values), -1)
    return np.asarray(sums @ flat).reshape(sums.shape[0], *values.shape[1:])
