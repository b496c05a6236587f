"""The plane of a wall among points, some of which lie elsewhere."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

TRIALS = 400


@dataclass(frozen=True)
class Plane:
    """Points x with normal . x = offset; `inliers` are those taken for the wall."""

    normal: NDArray[np.float64]  # (3,) unit
    offset: float
    inliers: NDArray[np.bool_]  # (n,)
    rms: float  # of the inliers' distances


def fit_plane(points: NDArray[np.float64]) -> tuple[NDArray[np.float64], float]:
    """The least-squares plane of (n, 3) points, n >= 3: (unit normal, offset)."""
    centre = points.mean(axis=0)
    _, vectors = np.linalg.eigh((points - centre).T @ (points - centre))
    normal = vectors[:, 0]
    return normal, float(normal @ centre)


def find_wall_plane(points: NDArray[np.float64], depth: float, seed: int = 0) -> Plane:
    """The dominant plane of (n, 3) points seen from about `depth`: sampled triples, then robust refinement.

    A wall that bulges is still one wall: its tolerance starts at 2 % of the viewing distance and follows the points'
    own scatter, within 0.5 % and 8 %.
    """
    random = np.random.default_rng(seed)
    sample = points[random.permutation(len(points))[:4000]]
    best_score, best = -1.0, fit_plane(sample)
    tolerance = 0.02 * depth
    for _ in range(TRIALS):
        triple = sample[random.choice(len(sample), 3, replace=False)]
        normal = np.cross(triple[1] - triple[0], triple[2] - triple[0])
        length = np.linalg.norm(normal)
        if length < 1e-12:
            continue
        normal /= length
        distance = np.abs(sample @ normal - normal @ triple[0])
        score = float(np.sum(np.maximum(0, 1 - (distance / tolerance) ** 2)))
        if score > best_score:
            best_score, best = score, (normal, float(normal @ triple[0]))
    normal, offset = best
    inliers = np.ones(len(points), bool)
    for _ in range(10):
        distance = points @ normal - offset
        near = np.abs(distance[np.abs(distance) < 4 * tolerance])
        scatter = 1.4826 * float(np.median(near)) if len(near) else 0.0
        tolerance = float(np.clip(4 * scatter, 0.005 * depth, 0.08 * depth))
        inliers = np.abs(distance) < tolerance
        if inliers.sum() < 3:
            break
        normal, offset = fit_plane(points[inliers])
    distance = points[inliers] @ normal - offset
    return Plane(normal, offset, inliers, float(np.sqrt(np.mean(distance**2))) if len(distance) else 0.0)
