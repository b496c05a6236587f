"""A deer with antlers and nine colours of spots, after the painted deer king: thin limbs."""

from __future__ import annotations

import itertools
from typing import TypeAlias

import numpy as np
from scipy.spatial import KDTree

from .implicit import Array, Solid, ellipsoid, gradient, limb, union
from .paint import (
    AZURITE,
    GOLD,
    INK,
    IVORY,
    MADDER,
    MALACHITE,
    OCHRE,
    PALE_BLUE,
    ROSE,
    UMBER,
    VERMILION,
    noise,
    over,
    shade,
    step,
)
from .sculpture import Sculpture

_Joint: TypeAlias = tuple[float, float, float]

_NINE = np.stack([VERMILION, AZURITE, MALACHITE, OCHRE, MADDER, UMBER, PALE_BLUE * 0.85, ROSE, GOLD])
_SPOT_GAP = 0.105
_EYES = np.array([[0.70, 0.088, 0.70], [0.70, -0.088, 0.70]], np.float32)


def deer(seed: int) -> Sculpture:
    """Looks along +x. Another seed changes stance, antlers and spots."""
    rng = np.random.default_rng([seed, 11])
    trunk, chains, antlers = _trunk(), _stance(rng), _antlers(rng)
    legs = [part for chain, radii in chains for part in _leg(chain, radii)]
    hooves = union([_hoof(chain[-1]) for chain, _ in chains])
    hide = union([union(trunk, 0.10), union(legs, 0.05)], 0.09)
    horn = union(antlers, 0.02)
    whole = union([hide, horn], 0.02)
    spots = _spots(union(trunk, 0.10), rng)
    tree, colours, sizes = KDTree(spots), _NINE[rng.integers(0, 9, len(spots))], rng.uniform(0.030, 0.044, len(spots))

    def paint(points: Array, normals: Array) -> Array:
        x, _, z = points.T
        colour = np.broadcast_to(IVORY, points.shape).astype(np.float32)
        colour = over(colour, IVORY * np.array([0.90, 0.82, 0.70], np.float32), step(z, 0.16, 0.25) * step(-x, -0.35, 0.3))
        colour = over(colour, OCHRE, 0.5 * step(-z, 0.28, 0.4))
        distance, index = tree.query(points)
        colour = over(colour, INK, 0.55 * step(-distance, -(sizes[index] + 0.006), 0.008))
        colour = over(colour, colours[index], step(-distance, -sizes[index], 0.008))
        colour = _cloth(colour, points)
        colour = _head(colour, points)
        colour = over(colour, UMBER, step(-hooves(points), -0.012, 0.008))
        horned = step(hide(points) - horn(points), 0.0, 0.02)
        ring = 0.5 + 0.5 * np.sin(55 * z)
        colour = over(colour, over(np.broadcast_to(OCHRE, points.shape).astype(np.float32), UMBER, 0.35 * ring), horned)
        colour = over(colour, MALACHITE, horned * step(z, 1.10, 0.12))
        grain = 0.93 + 0.14 * noise(points, 0.06, seed)
        return np.clip(colour * (grain * shade(whole, points, normals))[:, None], 0, 1)

    return Sculpture(solid=whole, middle=(0.10, 0.0, 0.22), reach=1.24, paint=paint)


def _trunk() -> list[Solid]:
    return [
        limb((0.30, 0, 0.06), (-0.36, 0, 0.07), 0.235, 0.215),
        ellipsoid((0.38, 0, 0.02), (0.20, 0.19, 0.25)),
        limb((0.40, 0, 0.16), (0.58, 0, 0.62), 0.16, 0.088),
        ellipsoid((0.625, 0, 0.69), (0.125, 0.10, 0.105)),
        limb((0.68, 0, 0.67), (0.87, 0, 0.575), 0.078, 0.047),
        *(limb((0.56, 0.07 * side, 0.75), (0.47, 0.21 * side, 0.80), 0.040, 0.014) for side in (-1, 1)),
        limb((-0.55, 0, 0.16), (-0.67, 0, 0.02), 0.050, 0.022),
    ]


def _stance(rng: np.random.Generator) -> list[tuple[list[_Joint], list[float]]]:
    """The joints of each leg, from the body to the hoof, and the radii there."""
    legs: list[tuple[list[_Joint], list[float]]] = []
    raised = int(rng.integers(0, 2))  # which fore leg steps forward
    for index, side in enumerate((-1, 1)):
        y, stride = 0.125 * side, float(rng.uniform(-0.05, 0.05))
        knee, hoof = (0.34 + stride, -0.42), (0.30 + stride, -0.90)
        if index == raised:
            knee, hoof = (0.56, -0.34), (0.47, -0.72)
        fore = [(0.32, y, 0.0), (knee[0], y * 1.1, knee[1]), (hoof[0], y * 1.1, hoof[1])]
        back = float(rng.uniform(-0.07, 0.07))
        hind = [(-0.36, y, 0.0), (-0.30 + back, 1.1 * y, -0.34), (-0.49 + back, 1.1 * y, -0.56), (-0.44 + back, 1.1 * y, -0.90)]
        legs += [(fore, [0.10, 0.050, 0.034]), (hind, [0.145, 0.066, 0.043, 0.034])]
    return legs


def _leg(chain: list[_Joint], radii: list[float]) -> list[Solid]:
    bones = zip(itertools.pairwise(chain), itertools.pairwise(radii), strict=True)
    return [*(limb(*joints, *thickness) for joints, thickness in bones), _hoof(chain[-1])]


def _hoof(ankle: _Joint) -> Solid:
    x, y, z = ankle
    return limb((x, y, z), (x + 0.045, y, z - 0.035), 0.036, 0.045)


def _antlers(rng: np.random.Generator) -> list[Solid]:
    solids: list[Solid] = []
    sway = rng.uniform(-0.04, 0.04, (6, 3))
    for side in (-1, 1):
        beam = np.array([[0.57, 0.045, 0.76], [0.49, 0.13, 0.92], [0.42, 0.25, 1.06], [0.45, 0.33, 1.22], [0.55, 0.34, 1.36]])
        beam[1:] += sway[:4] * np.linspace(0.3, 1, 4)[:, None]
        beam[:, 1] *= side
        radii = np.array([0.042, 0.039, 0.036, 0.032, 0.024])
        solids += [limb(beam[i], beam[i + 1], radii[i], radii[i + 1]) for i in range(4)]
        for root, towards in (
            (1, (0.22, 0.03, 0.13)),
            (2, (0.20, -0.03, 0.16)),
            (2, (-0.15, 0.06, 0.12)),
            (3, (-0.14, 0.05, 0.13)),
        ):
            tip = beam[root] + np.array([towards[0], side * towards[1], towards[2]]) + sway[4] * [1, side, 1]
            solids.append(limb(beam[root], tip, 0.032, 0.022))
    return solids


def _spots(body: Solid, rng: np.random.Generator) -> Array:
    """(n, 3) places on the hide, no two nearer than the gap."""
    places = rng.uniform([-0.6, -0.26, -0.22], [0.60, 0.26, 0.60], (2500, 3)).astype(np.float32)
    for _ in range(5):
        places = places - body(places)[:, None] * gradient(body, places)
    places = places[np.abs(body(places)) < 0.01]
    kept = np.ones(len(places), bool)
    tree = KDTree(places)
    for index, near in enumerate(tree.query_ball_point(places, _SPOT_GAP)):
        if kept[index]:
            kept[[other for other in near if other > index]] = False
    return places[kept]


def _cloth(colour: Array, points: Array) -> Array:
    """A saddle cloth of azurite with a gold hem and flowers, and a collar."""
    x, y, z = points.T
    inside = np.minimum(0.21 - np.abs(x + 0.03), z - 0.03)
    inside = np.minimum(inside, 0.5 - z)
    colour = over(colour, GOLD, step(inside, 0.0, 0.010))
    colour = over(colour, AZURITE, step(inside, 0.028, 0.010))
    around = np.arctan2(y, z - 0.05) * 0.23
    u, v = (x + 0.03) / 0.125, around / 0.125
    u, v = u - np.floor(u + 0.5), v - np.floor(v + 0.5)
    radius, angle = np.hypot(u, v), np.arctan2(v, u)
    flower = step(0.30 + 0.10 * np.cos(5 * angle) - radius, 0.0, 0.08) * step(inside, 0.055, 0.012)
    colour = over(colour, IVORY, flower)
    colour = over(colour, VERMILION, step(0.13 - radius, 0.0, 0.06) * step(inside, 0.055, 0.012))
    along = (x - 0.40) * 0.36 + (z - 0.16) * 0.93  # up the neck
    collar = step(x, 0.33, 0.03) * step(0.035 - np.abs(along - 0.17), 0.0, 0.008)
    colour = over(colour, VERMILION, collar)
    beads = np.hypot(along - 0.17, (np.arctan2(y, x - 0.48) * 0.14 + 10) % 0.045 - 0.0225)
    return over(colour, GOLD, collar * step(-beads, -0.015, 0.006))


def _head(colour: Array, points: Array) -> Array:
    """Mane, muzzle, eyes."""
    x, y, z = points.T
    mane = step(z, 0.25, 0.08) * step(0.56 - x, 0.02, 0.05) * step(0.045 - np.abs(y), 0.0, 0.02) * step(0.80 - z, 0.0, 0.03)
    colour = over(colour, UMBER, 0.85 * mane * step(x, 0.12, 0.05))
    colour = over(colour, UMBER, step(x, 0.875, 0.03))
    for eye in _EYES:
        away = np.linalg.norm((points - eye) * np.array([0.8, 1, 1.2], np.float32), axis=1)
        colour = over(colour, IVORY, step(-away, -0.036, 0.008))
        colour = over(colour, INK, step(-away, -0.026, 0.008))
    return colour
