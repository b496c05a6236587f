"""How near estimated cameras are to true ones."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .similarity import align_similarity


def camera_errors(estimated: NDArray[np.float64], truth: NDArray[np.float64]) -> tuple[float, float]:
    """Median errors of world_from_camera matrices (n, 4, 4) after the best similarity: position and direction.

    Positions in parts of the median distance of the true ones from their mean, directions in degrees.
    """
    similarity = align_similarity(estimated[:, :3, 3], truth[:, :3, 3])
    radius = float(np.median(np.linalg.norm(truth[:, :3, 3] - truth[:, :3, 3].mean(0), axis=1)))
    distance = np.linalg.norm(similarity.forward(estimated[:, :3, 3]) - truth[:, :3, 3], axis=1) / max(radius, 1e-12)
    relative = np.einsum("nji,njk->nik", truth[:, :3, :3], similarity.rotation @ estimated[:, :3, :3])
    angle = np.degrees(np.arccos(np.clip((np.trace(relative, axis1=1, axis2=2) - 1) / 2, -1, 1)))
    return float(np.median(distance)), float(np.median(angle))
