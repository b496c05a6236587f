"""Homographies between pictures of a plane: fitting, applying, judging. Points are (n, 2); matrices (3, 3) act on columns."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

MOST_STRETCH = 4.0  # of area between two places of one picture: a slight perspective has less
MOST_ANISOTROPY = 2.0  # of a small circle: a picture taken at 60 degrees has so much


def inverse(maps: Floats) -> Floats:
    """Inverses of (..., 3, 3) maps."""
    return np.asarray(np.linalg.inv(maps), np.float64)


def transfer(matrix: Floats, points: Floats) -> Floats:
    """The points (n, 2) through a homography; infinite or NaN on its horizon."""
    with np.errstate(divide="ignore", invalid="ignore"):
        found = points @ matrix[:, :2].T + matrix[:, 2]
        return np.asarray(found[:, :2] / found[:, 2:], np.float64)


def fit_affine(source: Floats, target: Floats, weight: Floats | None = None) -> Floats:
    """The least-squares affine map (3, 3) of (n, 2) points, n >= 3."""
    w = np.sqrt(np.ones(len(source)) if weight is None else weight)[:, None]
    rows = np.column_stack([source, np.ones(len(source))])
    found = np.linalg.lstsq(rows * w, target * w, rcond=None)[0]
    return np.vstack([found.T, [0, 0, 1]])


def fit_similarity_matrix(source: Floats, target: Floats, weight: Floats | None = None) -> Floats:
    """The least-squares similarity (3, 3) without a mirror of (n, 2) points, n >= 2."""
    w = np.ones(len(source)) if weight is None else weight
    a, b = source @ np.array([1, 1j]), target @ np.array([1, 1j])
    centre_a, centre_b = np.average(a, weights=w), np.average(b, weights=w)
    u, v = a - centre_a, b - centre_b
    turn = np.sum(w * v * u.conj()) / max(float(np.sum(w * np.abs(u) ** 2)), 1e-300)
    shift = centre_b - turn * centre_a
    return np.array([[turn.real, -turn.imag, shift.real], [turn.imag, turn.real, shift.imag], [0, 0, 1]])


def fit_homography(source: Floats, target: Floats, weight: Floats | None = None) -> Floats:
    """The homography (3, 3) of (n, 2) points, n >= 4, by the normalised DLT (Hartley and Zisserman, algorithm 4.2).

    Two further rounds divide each equation by its depth, so that distances in the target are what is least.
    """
    to_source, to_target = _normaliser(source), _normaliser(target)
    a, b = transfer(to_source, source), transfer(to_target, target)
    w = np.ones(len(a)) if weight is None else np.sqrt(weight)
    ones, zeros = np.ones(len(a)), np.zeros((len(a), 3))
    lifted = np.column_stack([a, ones])
    depth = ones
    found = np.eye(3)
    for _ in range(3):
        scale = (w / depth)[:, None]
        first = np.hstack([lifted, zeros, -b[:, :1] * lifted]) * scale
        second = np.hstack([zeros, lifted, -b[:, 1:] * lifted]) * scale
        normal = first.T @ first + second.T @ second
        found = np.linalg.eigh(normal)[1][:, 0].reshape(3, 3)
        depth = lifted @ found[2]
        found = found * np.sign(np.median(depth) or 1.0)
        depth = np.maximum(np.abs(depth), 1e-3 * np.abs(depth).max() + 1e-300)
    result = np.linalg.inv(to_target) @ found @ to_source
    return np.asarray(result / np.cbrt(abs(np.linalg.det(result)) or 1.0), np.float64)


def _normaliser(points: Floats) -> Floats:
    centre = points.mean(axis=0)
    scale = np.sqrt(2) / max(float(np.linalg.norm(points - centre, axis=1).mean()), 1e-12)
    return np.array([[scale, 0, -scale * centre[0]], [0, scale, -scale * centre[1]], [0, 0, 1]])


def local_jacobians(matrix: Floats, points: Floats) -> Floats:
    """The Jacobians (n, 2, 2) of a homography at points (n, 2)."""
    y = points @ matrix[:, :2].T + matrix[:, 2]
    place = y[:, :2] / y[:, 2:]
    return np.asarray((matrix[None, :2, :2] - place[:, :, None] * matrix[None, 2:, :2]) / y[:, 2:, None], np.float64)


def scale_of(matrix: Floats, place: tuple[float, float] = (0.0, 0.0)) -> float:
    """By how much a homography enlarges about a place: the root of its Jacobian's determinant."""
    return float(np.sqrt(abs(np.linalg.det(local_jacobians(matrix, np.array([place]))[0]))))


def is_plausible(matrix: Floats, outline: Floats) -> bool:
    """Whether a homography shows the outline (n, 2) as a camera does a flat wall: unmirrored, finite, of slight perspective."""
    depth = outline @ matrix[2, :2] + matrix[2, 2]
    if not np.isfinite(matrix).all() or not (np.all(depth > 0) or np.all(depth < 0)):
        return False
    jacobians = local_jacobians(matrix, outline)
    area = np.linalg.det(jacobians)
    if not np.all(area > 0) or area.max() > MOST_STRETCH * area.min():
        return False
    singular = np.linalg.svd(jacobians, compute_uv=False)
    return bool(np.all(singular[:, 0] < MOST_ANISOTROPY * singular[:, 1]))
