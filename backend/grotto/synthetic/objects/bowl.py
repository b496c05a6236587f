"""A footed bowl with a lobed lip, lotus petals outside and waves inside: concave."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline
from scipy.spatial import KDTree

from .implicit import Array
from .paint import AZURITE, CELADON, GOLD, INK, IVORY, MALACHITE, PALE_BLUE, ROSE, VERMILION, noise, over, shade, step
from .sculpture import Sculpture

_LOBES = 8
_WALL = np.array([[0.0, -0.30], [0.24, -0.29], [0.50, -0.16], [0.68, 0.10], [0.77, 0.40], [0.88, 0.60]])  # radius, height
_FOOT = np.array([[0.0, -0.33], [0.15, -0.38], [0.13, -0.50], [0.22, -0.62], [0.38, -0.68]])
_THICKNESS, _FOOT_THICKNESS = 0.043, 0.055


def bowl(seed: int) -> Sculpture:
    """Open at the top. Another seed turns the lobes and changes the flowers."""
    rng = np.random.default_rng([seed, 13])
    turn, depth = float(rng.uniform(0, 2 * np.pi)), float(rng.uniform(0.045, 0.07))
    petals = int(rng.integers(10, 14))
    wall, foot = _profile(_WALL), _profile(_FOOT)
    tree, thickness = KDTree(np.concatenate([wall, foot])), np.repeat([_THICKNESS, _FOOT_THICKNESS], [len(wall), len(foot)])

    def coordinates(points: Array) -> tuple[NDArray[np.floating], NDArray[np.floating], NDArray[np.floating]]:
        x, y, z = points.T
        angle = np.arctan2(y, x)
        lobed = 1 + depth * np.clip((z + 0.25) / 0.8, 0, 1) ** 2 * np.cos(_LOBES * angle + turn)
        return np.hypot(x, y) / lobed, angle, z

    def solid(points: Array) -> Array:
        radius, _, z = coordinates(points)
        near, index = tree.query(np.stack([radius, z], axis=1))
        return np.asarray(near - thickness[index], np.float32)

    def paint(points: Array, normals: Array) -> Array:
        radius, angle, z = coordinates(points)
        _, index = tree.query(np.stack([radius, z], axis=1))
        on_wall = index < len(wall)
        place = np.where(on_wall, index / len(wall), 0.0)  # 0 at the middle of the bottom, 1 at the lip
        profile = np.concatenate([wall, foot])
        slope = np.gradient(profile, axis=0)
        side = (radius - profile[index, 0]) * slope[index, 1] - (z - profile[index, 1]) * slope[index, 0]
        outside = side > 0
        colour = np.where((outside & on_wall)[:, None], _petals(place, angle, petals), _waves(place, angle, radius))
        colour = np.where(on_wall[:, None], colour, _stand(z, angle))
        colour = over(colour.astype(np.float32), GOLD, step(place, 0.965, 0.01) * on_wall)
        grain = 0.94 + 0.12 * noise(points, 0.05, seed)
        return np.clip(colour * (grain * shade(solid, points, normals))[:, None], 0, 1)

    return Sculpture(solid=solid, reach=1.05, paint=paint)


def _profile(points: NDArray[np.floating]) -> NDArray[np.float64]:
    """(n, 2) a dense smooth curve through the points, even in length."""
    length = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1))])
    return CubicSpline(length, points)(np.linspace(0, length[-1], 800))


def _petals(place: NDArray[np.floating], angle: NDArray[np.floating], count: int) -> Array:
    """Two rows of lotus petals, tips upwards."""
    colour = np.broadcast_to(IVORY, (len(place), 3)).astype(np.float32)
    for shift, low, high, tint in ((0.5, 0.34, 0.93, CELADON), (0.0, 0.22, 0.78, ROSE)):
        across = (angle / (2 * np.pi) * count + shift) % 1.0 - 0.5
        up = np.clip((place - low) / (high - low), 0, 1)
        width = 0.49 * np.sqrt(np.clip(1 - up**2.6, 0, 1))
        inside = np.where((place > low) & (place < high), width - np.abs(across), -1.0)
        colour = over(colour, INK, step(inside, -0.005, 0.05))
        colour = over(colour, IVORY, step(inside, 0.045, 0.04))
        colour = over(colour, tint, step(inside, 0.045, 0.04) * (0.25 + 0.75 * up))
        colour = over(
            colour, VERMILION, 0.8 * step(inside, 0.05, 0.04) * step(0.035 - np.abs(across), 0.0, 0.03) * step(0.8 - up, 0, 0.05)
        )
    colour = over(colour, AZURITE, step(place, 0.905, 0.008))
    dots = np.hypot((angle / (2 * np.pi) * 40) % 1.0 - 0.5, (place - 0.935) * 20)
    return over(colour, IVORY, step(0.28 - dots, 0.0, 0.12))


def _waves(place: NDArray[np.floating], angle: NDArray[np.floating], radius: NDArray[np.floating]) -> Array:
    """Scales of waves round a flower at the bottom."""
    colour = np.broadcast_to(PALE_BLUE, (len(place), 3)).astype(np.float32)
    rows = place * 9
    for row in (0, 1):
        u = (angle / (2 * np.pi) * 15 + 0.5 * row) % 1.0 - 0.5
        v = (rows / 2 + 0.5 * row) % 1.0
        arc = np.hypot(u * 1.5, v)
        ripple = 0.5 + 0.5 * np.cos(arc * 19)
        inside = step(0.80 - arc, 0.0, 0.06)
        colour = over(colour, over(np.broadcast_to(IVORY, colour.shape).astype(np.float32), AZURITE, 0.85 * ripple), inside)
    flower = 0.20 + 0.055 * np.cos(8 * angle)
    colour = over(colour, INK, step(flower + 0.02 - radius, 0.0, 0.01))
    colour = over(colour, ROSE, step(flower - radius, 0.0, 0.01))
    colour = over(colour, VERMILION, step(0.62 * flower - radius, 0.0, 0.02))
    return over(colour, GOLD, step(0.07 - radius, 0.0, 0.01))


def _stand(z: NDArray[np.floating], angle: NDArray[np.floating]) -> Array:
    colour = np.broadcast_to(MALACHITE, (len(z), 3)).astype(np.float32)
    colour = over(colour, GOLD, step(0.018 - np.abs(z + 0.46), 0.0, 0.01))
    tongues = np.abs((angle / (2 * np.pi) * 18) % 1.0 - 0.5)
    colour = over(colour, IVORY, step(0.34 - tongues - np.clip((z + 0.70) * 3.0, 0, 1), 0.0, 0.06))
    return over(colour, GOLD, step(-z, 0.685, 0.008))
