"""Brushes: colours as functions of places. Colours are sRGB's values, 0 to 1."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import map_coordinates

from .implicit import Array, Solid

_TABLE = 24  # cells of the noise along a side, before it repeats

# Mineral pigments as they look on old walls.
IVORY = np.array([0.93, 0.89, 0.80], np.float32)
VERMILION = np.array([0.76, 0.24, 0.15], np.float32)
MADDER = np.array([0.50, 0.13, 0.14], np.float32)
OCHRE = np.array([0.80, 0.59, 0.26], np.float32)
GOLD = np.array([0.90, 0.72, 0.34], np.float32)
UMBER = np.array([0.30, 0.20, 0.14], np.float32)
INK = np.array([0.11, 0.10, 0.12], np.float32)
AZURITE = np.array([0.13, 0.31, 0.55], np.float32)
PALE_BLUE = np.array([0.55, 0.70, 0.78], np.float32)
MALACHITE = np.array([0.20, 0.49, 0.38], np.float32)
CELADON = np.array([0.66, 0.79, 0.70], np.float32)
ROSE = np.array([0.85, 0.55, 0.50], np.float32)


def step(values: NDArray[np.floating], edge: float | NDArray[np.floating], width: float) -> Array:
    """0 below the edge, 1 above it, smooth over `width`: paint without stairs."""
    t = np.clip((values - edge) / width + 0.5, 0, 1)
    return np.asarray(t * t * (3 - 2 * t), np.float32)


def over(colour: Array, paint: NDArray[np.floating], cover: NDArray[np.floating]) -> Array:
    """`paint` (3,) or (n, 3) laid over `colour` (n, 3) where `cover` (n,) is 1."""
    return np.asarray(colour + (paint - colour) * cover[:, None], np.float32)


def noise(points: Array, cell: float, seed: int) -> Array:
    """(n,) smooth noise 0 to 1 whose patches are about `cell` wide: two octaves of a table that repeats."""
    table = np.random.default_rng([seed, 7]).random((_TABLE, _TABLE, _TABLE)).astype(np.float32)
    total = np.zeros(len(points), np.float32)
    for octave, weight in ((1.0, 0.67), (2.13, 0.33)):
        place = points.T * np.float32(octave / cell)
        place = np.floor(place) + (lambda t: t * t * (3 - 2 * t))(place - np.floor(place))
        total += weight * map_coordinates(table, place, order=1, mode="grid-wrap")
    return total


def shade(solid: Solid, points: Array, normals: Array) -> Array:
    """(n,) light as a painter lays it into the colour: from above and one side, darker in hollows.

    It belongs to the place, not to the view. Hollows are found by stepping outwards along the normal and comparing the
    distance with what open air would give.
    """
    light = np.array([0.35, -0.50, 0.79], np.float32)
    facing = 0.5 + 0.5 * (normals @ light)
    hollow = np.zeros(len(points), np.float32)
    for reach, weight in ((0.06, 0.55), (0.16, 0.45)):
        hollow += weight * np.clip(1 - solid(points + np.float32(reach) * normals) / np.float32(reach), 0, 1)
    return np.asarray((0.62 + 0.40 * facing) * (1 - 0.45 * hollow), np.float32)
