"""A trefoil knot, painted with winding bands: holes, and a surface that passes behind itself."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import KDTree

from .implicit import Array, tube
from .paint import AZURITE, GOLD, INK, IVORY, MALACHITE, OCHRE, VERMILION, noise, over, shade, step
from .sculpture import Sculpture

_POINTS = 3000  # along the path
_THICKNESS = 0.155


def knot(seed: int) -> Sculpture:
    """Stands upright and is widest seen along x. Another seed turns the knot and its bands."""
    rng = np.random.default_rng([seed, 12])
    t = np.linspace(0, 2 * np.pi, _POINTS, endpoint=False)
    turn, phase = rng.uniform(0, 2 * np.pi), rng.uniform(0, 2 * np.pi)
    ring = 0.62 + 0.29 * np.cos(3 * t)
    path = np.stack([0.30 * np.sin(3 * t), ring * np.cos(2 * t + turn), ring * np.sin(2 * t + turn)], axis=1)
    swell = _THICKNESS * (1 + 0.10 * np.cos(9 * t + phase))
    solid = tube(path, swell)
    ahead = np.roll(path, -1, 0) - np.roll(path, 1, 0)
    ahead /= np.linalg.norm(ahead, axis=1, keepdims=True)
    length = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(path, axis=0), axis=1))])
    total = length[-1] + float(np.linalg.norm(path[0] - path[-1]))
    first, second = _frames(ahead)
    tree = KDTree(path)

    def paint(points: Array, normals: Array) -> Array:
        index = tree.query(points)[1]
        offset = points - path[index]
        around = np.arctan2((offset * second[index]).sum(1), (offset * first[index]).sum(1))
        along = (length[index] + (offset * ahead[index]).sum(1)) / total  # 0 to 1
        band = (11 * along + around / (2 * np.pi)) % 1.0
        colour = np.broadcast_to(IVORY, points.shape).astype(np.float32)
        for pigment, begin, end in ((VERMILION, 0.03, 0.30), (AZURITE, 0.36, 0.63), (MALACHITE, 0.69, 0.94)):
            inside = np.minimum(band - begin, end - band)
            colour = over(colour, INK, step(inside, -0.016, 0.016))
            colour = over(colour, pigment, step(inside, 0.002, 0.016))
        petals = np.hypot((band * 3) % 1.0 - 0.5, 0.7 * ((around * 1.5 / np.pi) % 1.0 - 0.5))
        colour = over(colour, GOLD, step(0.20 - petals, 0.0, 0.06))
        colour = over(colour, IVORY, step(0.10 - petals, 0.0, 0.05))
        cuff = np.abs((along * 6 + phase) % 1.0 - 0.5) * total / 6
        colour = over(colour, INK, step(0.072 - cuff, 0.0, 0.008))
        colour = over(colour, OCHRE, step(0.062 - cuff, 0.0, 0.008))
        beads = np.hypot(cuff, ((around / (2 * np.pi) * 10) % 1.0 - 0.5) * 0.098)
        colour = over(colour, IVORY, step(0.027 - beads, 0.0, 0.010))
        grain = 0.93 + 0.14 * noise(points, 0.05, seed)
        return np.clip(colour * (grain * shade(solid, points, normals))[:, None], 0, 1)

    return Sculpture(solid=solid, reach=1.12, paint=paint)


def _frames(ahead: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Two normals (n, 3) at each point of the path, carried along without twist, the twist that is left spread evenly."""
    first = np.empty_like(ahead)
    first[0] = np.cross(ahead[0], [0.0, 0.0, 1.0])
    for index in range(1, len(ahead)):
        first[index] = first[index - 1] - ahead[index] * (ahead[index] @ first[index - 1])
        first[index] /= np.linalg.norm(first[index])
    first[0] /= np.linalg.norm(first[0])
    second = np.cross(ahead, first)
    carried = first[-1] - ahead[0] * (ahead[0] @ first[-1])
    rest = np.arctan2(carried @ second[0], carried @ first[0])
    angle = -rest * np.linspace(0, 1, len(ahead), endpoint=False)[:, None]
    return first * np.cos(angle) + second * np.sin(angle), second * np.cos(angle) - first * np.sin(angle)
