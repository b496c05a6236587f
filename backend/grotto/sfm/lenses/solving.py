"""Least squares on a bundle with a robust loss, to the very bottom of the valley, and how certain its lenses are then."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .bundle import Bundle, Floats, Linear, linearise, moved
from .normal import Normal, Prior, Ties, find_ties, normal_equations, onto_points

ROUNDS = 25
SETTLED = 0.02  # standard errors of the lenses in one step: below this the rounds end, however far outliers still creep
UNDAMPED = 1e-7  # with more damping a step along the valley is too short to judge by


@dataclass(frozen=True, kw_only=True)
class Solved:
    """A bundle at its least cost."""

    bundle: Bundle
    scale_px: float  # robust standard deviation of a residual's coordinate
    cost: float  # robust cost over squared scale; of two solves with one `scale_px` the lower one fits better
    independent: Floats  # (m, m) covariance of log focal lengths, residuals taken as independent
    clustered: Floats  # (m, m) the same where the residuals of one part of a photo move together

    @property
    def uncertainty(self) -> Floats:
        """(m, m) covariance of log focal lengths: the larger of the two, lens by lens, with the correlations of the first."""
        ratio = np.sqrt(np.maximum(np.diag(self.clustered) / np.diag(self.independent), 1.0))
        return self.independent * np.outer(ratio, ratio)


def solve(
    bundle: Bundle, prior: Prior | None = None, scale_px: float = 0.0, rounds: int = ROUNDS, settled: float = SETTLED
) -> Solved | None:
    """Adjust all with Huber's pseudo loss of 2.5 standard deviations; None where the equations are singular.

    Levenberg and Marquardt's method on the reduced system. scale_px: keep this scale instead of the residuals' own; settled: of a
    last step, in standard errors of the lenses.
    """
    damping = 1e-5
    ties, linear = find_ties(bundle), linearise(bundle)
    scale = scale_px or robust_scale(linear.residuals)
    cost = _cost(linear, bundle, prior, scale)
    for _ in range(rounds):
        if not scale_px:
            scale = robust_scale(linear.residuals)
            cost = _cost(linear, bundle, prior, scale)
        accepted, weight = False, weights(linear.residuals, scale) / scale**2
        for _ in range(8):
            normal = normal_equations(bundle, linear, ties, weight, prior, damping)
            step = _step(bundle, normal, ties)
            if step is None:
                return None
            tried = moved(bundle, step.cameras, step.lenses, step.points)
            tried_linear = linearise(tried)
            tried_cost = _cost(tried_linear, tried, prior, scale)
            if np.isfinite(tried_cost) and tried_cost <= cost * (1 + 1e-12):
                accepted = True
                break
            damping = max(damping, 1e-9) * 10
        if not accepted:
            break
        bundle, linear, cost = tried, tried_linear, tried_cost
        if step.standard_errors < settled and damping < UNDAMPED:
            break
        damping /= 10
    normal = normal_equations(bundle, linear, ties, weights(linear.residuals, scale) / scale**2, prior, 0.0)
    found = _covariances(bundle, linear, normal, ties, scale)
    if found is None:
        return None
    freedom = 2 * len(bundle.photo) - 3 * len(bundle.points) - 6 * len(bundle.lens)
    lost = 2 * len(bundle.photo) / max(freedom, 1)  # residuals are that much too small, as the points follow them
    return Solved(bundle=bundle, scale_px=scale, cost=cost, independent=lost * found[0], clustered=lost * found[1])


def robust_scale(residuals: Floats) -> float:
    """Standard deviation of a coordinate from the median length of (o, 2) residuals: Rayleigh's median is 1.1774 of it."""
    return max(float(np.median(np.linalg.norm(residuals, axis=1))) / 1.1774, 1e-6)


def weights(residuals: Floats, scale: float) -> Floats:
    """Weight of each residual under the pseudo-Huber loss with its bend at 2.5 standard deviations."""
    return 1 / np.sqrt(1 + (residuals**2).sum(axis=1) / (2.5 * scale) ** 2)


@dataclass(frozen=True, kw_only=True)
class _Step:
    cameras: Floats  # (n, 6)
    lenses: Floats  # (m, 2)
    points: Floats  # (p, 3)
    standard_errors: float  # of the lens value that moves most


def _step(bundle: Bundle, normal: Normal, ties: Ties) -> _Step | None:
    first_lens, size = 6 * len(bundle.lens), len(normal.reduced)
    asked = np.zeros((size, 1 + size - first_lens))
    asked[:, 0] = normal.gradient
    asked[np.arange(first_lens, size), np.arange(1, asked.shape[1])] = 1
    try:
        camera: Floats = np.asarray(np.linalg.solve(normal.reduced, asked), np.float64)
    except np.linalg.LinAlgError:
        return None
    variances = np.maximum(np.diag(camera[first_lens:, 1:]), 1e-30)
    remaining = normal.points_gradient - onto_points(camera[:, :1], normal, bundle, ties)[:, :, 0]
    return _Step(
        cameras=camera[:first_lens, 0].reshape(-1, 6),
        lenses=camera[first_lens:, 0].reshape(-1, 2),
        points=np.einsum("pij,pj->pi", normal.points, remaining),
        standard_errors=float(np.max(np.abs(camera[first_lens:, 0]) / np.sqrt(variances))),
    )


def _covariances(bundle: Bundle, linear: Linear, normal: Normal, ties: Ties, scale: float) -> tuple[Floats, Floats] | None:
    """(m, m) covariances of log focal lengths: from the equations alone, and from sums over clusters of residuals.

    The second is the sandwich estimator: a residual's influence on a focal length is its share of the solution, and
    influences of one cluster are summed before they are squared (Liang & Zeger 1986).
    """
    first_lens, lenses = 6 * len(bundle.lens), len(bundle.log_focal)
    rows = first_lens + 2 * np.arange(lenses)
    unit = np.zeros((len(normal.reduced), lenses))
    unit[rows, np.arange(lenses)] = 1
    try:
        camera: Floats = np.asarray(np.linalg.solve(normal.reduced, unit), np.float64)  # (c, m)
    except np.linalg.LinAlgError:
        return None
    plain = camera[rows]
    if not np.isfinite(plain).all() or (np.diag(plain) <= 0).any():
        return None
    points = -(normal.points @ onto_points(camera, normal, bundle, ties))
    weight = weights(linear.residuals, scale) / scale**2
    pulled = np.einsum("oki,ok->oi", np.concatenate([linear.by_camera, linear.by_lens], axis=2), linear.residuals)
    influence = np.einsum("oi,oim->om", pulled, camera[ties.columns[bundle.photo]])
    influence += np.einsum("oki,ok,oim->om", linear.by_point, linear.residuals, points[bundle.point])
    influence *= weight[:, None]
    cluster = clusters(bundle)
    sums = np.zeros((int(cluster.max()) + 1, lenses))
    np.add.at(sums, cluster, influence)
    return plain, sums.T @ sums


CELLS = 3  # a side: parts of a photo whose residuals are taken to move together


def clusters(bundle: Bundle) -> NDArray[np.int64]:
    """(o,) the part of the photo in which each observation lies, `CELLS` x `CELLS` to a photo."""
    reach = np.maximum(2 * bundle.middles[bundle.photo], 1.0)
    cell = np.clip((bundle.places / reach * CELLS).astype(np.int64), 0, CELLS - 1)
    return (bundle.photo * CELLS + cell[:, 0]) * CELLS + cell[:, 1]


def _cost(linear: Linear, bundle: Bundle, prior: Prior | None, scale: float) -> float:
    bend = 2.5**2
    square = (linear.residuals**2).sum(axis=1) / scale**2
    total = float(np.sum(2 * bend * (np.sqrt(1 + square / bend) - 1)))
    if prior is not None:
        total += float(np.sum((bundle.log_focal - prior.log_focal) ** 2)) / prior.log_focal_sigma**2
        total += float(np.sum((bundle.radial - prior.radial) ** 2)) / prior.radial_sigma**2
    return total
