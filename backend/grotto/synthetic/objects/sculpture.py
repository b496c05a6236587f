"""What a recipe for an object gives: a solid, its paint, and how it shines; all in the recipe's own lengths."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from .implicit import Array, Solid


@dataclass(frozen=True, kw_only=True)
class Gloss:
    """A glaze over the paint: two lamps by Blinn's lobe (Blinn 1977, section 2) and a bright sky by Schlick's Fresnel
    term (Schlick 1994, equation 15)."""

    lamp: float  # peak of the lamps' lobe, in linear light
    exponent: float  # the higher, the smaller the highlights
    sky: float  # share of the sky at grazing angles


@dataclass(frozen=True, kw_only=True)
class Sculpture:
    """An object before it is brought to its place and size."""

    solid: Solid
    middle: tuple[float, float, float] = (0.0, 0.0, 0.0)
    reach: float  # the solid lies in the cube that reaches so far from the middle to each side
    paint: Callable[[Array, Array], Array]  # points (n, 3) and normals (n, 3) -> sRGB's values (n, 3), without gloss
    gloss: Gloss | None = None


_LAMPS = (
    (np.array([0.45, -0.65, 0.61], np.float32), np.array([1.0, 0.96, 0.88], np.float32)),
    (np.array([-0.60, 0.55, 0.58], np.float32), np.array([0.55, 0.65, 0.80], np.float32)),
)


def glossy_light(gloss: Gloss, normals: Array, directions: Array) -> Array:
    """(n, 3) linear light that the glaze adds for viewing directions (n, 3), unit, from the camera to the surface."""
    light = np.zeros_like(normals)
    for towards, colour in _LAMPS:
        half = towards - directions
        half /= np.maximum(np.linalg.norm(half, axis=1, keepdims=True), 1e-9)
        facing = np.maximum((normals * half).sum(1), 0) ** np.float32(gloss.exponent)
        light += np.float32(gloss.lamp) * facing[:, None] * colour * (normals @ towards > 0)[:, None]
    cosine = np.clip(-(normals * directions).sum(1), 0, 1)
    fresnel = 0.04 + 0.96 * (1 - cosine) ** 5
    mirrored = directions + 2 * cosine[:, None] * normals
    sky = np.clip(0.5 + 0.9 * mirrored[:, 2], 0, 1)
    return np.asarray(light + np.float32(gloss.sky) * (fresnel * sky)[:, None], np.float32)
