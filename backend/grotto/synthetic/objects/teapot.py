"""A glazed teapot: glossy, so its colours change with the view."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline

from .implicit import Array, Solid, ellipsoid, tube, union
from .paint import AZURITE, CELADON, GOLD, INK, IVORY, MADDER, MALACHITE, noise, over, shade, step
from .sculpture import Gloss, Sculpture


def teapot(seed: int) -> Sculpture:
    """The spout is at +x. Another seed changes the belly and the clouds."""
    rng = np.random.default_rng([seed, 14])
    belly, height = float(rng.uniform(0.50, 0.55)), float(rng.uniform(0.40, 0.45))
    body = ellipsoid((0, 0, 0), (belly, belly, height))
    lid = union(
        [ellipsoid((0, 0, height - 0.03), (0.27, 0.27, 0.085)), ellipsoid((0, 0, height + 0.10), (0.075, 0.075, 0.07))], 0.07
    )
    foot = ellipsoid((0, 0, -height + 0.02), (0.31, 0.31, 0.065))
    spout = _bent([(0.34, 0, -0.12), (0.62, 0, -0.04), (0.76, 0, 0.16), (0.93, 0, 0.36)], [0.15, 0.105, 0.07, 0.055])
    handle = _bent(
        [(-0.40, 0, 0.22), (-0.64, 0, 0.33), (-0.86, 0, 0.19), (-0.80, 0, -0.10), (-0.44, 0, -0.18)],
        [0.060, 0.050, 0.047, 0.050, 0.060],
    )
    vessel = union([body, foot, spout, handle], 0.07)
    solid = union([vessel, lid], 0.015)
    clouds = int(rng.integers(5, 8))

    def paint(points: Array, normals: Array) -> Array:
        x, y, z = points.T
        angle, up = np.arctan2(y, x), z / height
        colour = np.broadcast_to(MADDER, points.shape).astype(np.float32)
        colour = over(colour, MADDER * np.float32(0.6), step(-up, 0.2, 0.8))
        colour = _clouds(colour, angle, up, clouds)
        for level, width in ((0.60, 0.035), (0.72, 0.020), (-0.62, 0.035)):
            colour = over(colour, GOLD, step(width - np.abs(up - level), 0.0, 0.015))
        far = step(np.hypot(x, y), 0.60, 0.02)
        colour = over(colour, MALACHITE, far)
        spiral = 0.5 + 0.5 * np.sin(38 * x + 30 * z)
        colour = over(colour, GOLD, far * step(spiral, 0.86, 0.10))
        on_lid = step(vessel(points) - lid(points), 0.0, 0.010)
        colour = over(colour, AZURITE, on_lid)
        radius = np.hypot(x, y)
        rays = 0.5 + 0.5 * np.cos(12 * angle)
        colour = over(colour, IVORY, on_lid * step(rays, 0.62, 0.12) * step(radius, 0.11, 0.01) * step(0.21 - radius, 0.0, 0.01))
        colour = over(colour, GOLD, on_lid * step(radius, 0.235, 0.01))
        colour = over(colour, GOLD, on_lid * step(z, height + 0.065, 0.02))
        grain = 0.96 + 0.08 * noise(points, 0.04, seed)
        return np.clip(colour * (grain * shade(solid, points, normals))[:, None], 0, 1)

    return Sculpture(solid=solid, reach=1.06, paint=paint, gloss=Gloss(lamp=0.85, exponent=55.0, sky=0.45))


def _bent(points: list[tuple[float, float, float]], radii: list[float]) -> Solid:
    """A tube along a smooth curve through the points."""
    values = np.concatenate([np.array(points), np.array(radii)[:, None]], axis=1)
    length = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(values[:, :3], axis=0), axis=1))])
    curve = CubicSpline(length, values)(np.linspace(0, length[-1], 600))
    return tube(curve[:, :3], curve[:, 3])


def _clouds(colour: Array, angle: NDArray[np.floating], up: NDArray[np.floating], count: int) -> Array:
    """Curled clouds in a frieze round the belly."""
    u = (angle / (2 * np.pi) * count) % 1.0 - 0.5
    inside = np.full(len(u), -1.0)
    for x, y, size in ((-0.20, -0.06, 0.15), (0.0, 0.08, 0.20), (0.20, -0.04, 0.16), (0.0, -0.12, 0.13)):
        inside = np.maximum(inside, size - np.hypot((u - x) * 0.95, (up - y) * 0.62))
    colour = over(colour, INK, step(inside, -0.018, 0.02))
    colour = over(colour, GOLD, step(inside, 0.0, 0.02))
    colour = over(colour, IVORY, step(inside, 0.03, 0.02))
    colour = over(colour, CELADON, step(inside, 0.075, 0.02))
    return over(colour, AZURITE, step(inside, 0.115, 0.02))
