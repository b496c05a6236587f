"""A die with a ball carved out of it: sharp edges, round windows, six handles' worth of holes, known in closed form."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

Array = NDArray[np.float64]

HALF = 0.53  # of the die's side
BALL = 0.65  # radius; the windows' radius is sqrt(BALL^2 - HALF^2)
EULER = 2 - 2 * 5


def carved_die(points: Array) -> Array:
    """(...,): positive inside; the distance near the surface but for edges."""
    over = np.abs(points) - HALF
    die = np.linalg.norm(np.maximum(over, 0), axis=-1) + np.minimum(over.max(axis=-1), 0)
    return -np.maximum(die, BALL - np.linalg.norm(points, axis=-1))


def carved_die_tensor(points: Tensor) -> Tensor:
    """The same of tensors (n, 3), with gradients."""
    over = points.abs() - HALF
    outside = over.clamp_min(0).square().sum(dim=1).clamp_min(1e-20).sqrt()
    die = outside + over.max(dim=1).values.clamp_max(0)
    return -torch.maximum(die, BALL - points.norm(dim=1))


def points_on_die(count: int, seed: int = 0) -> tuple[Array, Array]:
    """About `count` points spread evenly over the surface, and their outward normals."""
    random = np.random.default_rng(seed)
    faces, ball = 6 * (2 * HALF) ** 2, 4 * np.pi * BALL**2
    tried = 2 * count
    on_faces = int(tried * faces / (faces + ball))
    side = random.integers(0, 6, on_faces)
    flat = random.uniform(-HALF, HALF, (on_faces, 3))
    normal = np.zeros((on_faces, 3))
    normal[np.arange(on_faces), side // 2] = 2.0 * (side % 2) - 1
    flat[np.arange(on_faces), side // 2] = HALF * normal[np.arange(on_faces), side // 2]
    away = random.normal(size=(tried - on_faces, 3))
    away /= np.linalg.norm(away, axis=1, keepdims=True)
    keep_flat = np.linalg.norm(flat, axis=1) >= BALL
    keep_round = (np.abs(BALL * away) <= HALF).all(axis=1)
    points = np.concatenate([flat[keep_flat], BALL * away[keep_round]])
    return points, np.concatenate([normal[keep_flat], -away[keep_round]])
