"""The similarity that brings one set of points onto another."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Similarity:
    """target = scale * rotation @ source + shift."""

    scale: float
    rotation: Array  # (3, 3), proper
    shift: Array  # (3,)

    def forward(self, points: Array) -> Array:
        """Source points (..., 3) in the target's frame."""
        return self.scale * points @ self.rotation.T + self.shift

    def backward(self, points: Array) -> Array:
        """Target points (..., 3) in the source's frame."""
        return ((points - self.shift) @ self.rotation) / self.scale


def align_similarity(source: Array, target: Array) -> Similarity:
    """The least-squares similarity from source (n, 3) onto target (n, 3).

    Umeyama, "Least-squares estimation of transformation parameters between two point patterns", 1991, eq. 40 to 43; never
    a reflection. Raises ValueError with fewer than three points, or where the points lie in one place or on one line, for
    then the rotation about the line is anybody's guess.
    """
    if len(source) < 3 or source.shape != target.shape:
        raise ValueError(f"cannot align {source.shape} with {target.shape}: three pairs of points or more are needed")
    source_middle, target_middle = source.mean(0), target.mean(0)
    a, b = source - source_middle, target - target_middle
    covariance = b.T @ a / len(source)
    u, d, vt = np.linalg.svd(covariance)
    if d[1] <= 1e-12 * d[0]:
        raise ValueError("cannot align points on one line")
    sign = np.ones(3)
    if np.linalg.det(u) * np.linalg.det(vt) < 0:
        sign[2] = -1.0
    rotation = u @ np.diag(sign) @ vt
    scale = float((d * sign).sum() / (a**2).sum(1).mean())
    return Similarity(scale, rotation, target_middle - scale * rotation @ source_middle)
