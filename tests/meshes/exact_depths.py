"""Exact depths, normals and colours of shapes that rays meet in closed form."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from grotto.scene import Camera, Rendered, look_at

RADIUS = 0.6


def camera_at(position: tuple[float, float, float], target: tuple[float, float, float] = (0, 0, 0), px: int = 96) -> Camera:
    return Camera(
        camera_from_world=look_at(np.array(position), np.array(target)), focal_x=px * 1.1, focal_y=px * 1.1,
        centre_x=px / 2, centre_y=px / 2, width=px, height=px,
    )  # fmt: skip


def around(count: int, distance: float = 2.0, px: int = 96) -> list[Camera]:
    """Cameras spread over a sphere (Fibonacci's lattice)."""
    height = 1 - 2 * (np.arange(count) + 0.5) / count
    turn = np.pi * (3 - np.sqrt(5)) * np.arange(count)
    flat = np.sqrt(1 - height**2)
    places = distance * np.stack([flat * np.cos(turn), flat * np.sin(turn), height], axis=1)
    return [camera_at((float(x), float(y), float(z)), px=px) for x, y, z in places]


def sphere_view(camera: Camera, *, normals: bool = True) -> Rendered:
    """A sphere of RADIUS around the origin; its colour is its normal."""
    rays = camera.directions().astype(np.float64)
    start = camera.position
    a, b = (rays**2).sum(axis=2), rays @ start
    inside = b**2 - a * (start @ start - RADIUS**2)
    hit = inside > 0
    depth = np.where(hit, (-b - np.sqrt(np.maximum(inside, 0))) / a, 0.0)
    normal = np.where(hit[..., None], (start + depth[..., None] * rays) / RADIUS, 0.0)
    return _rendered(depth, hit, normal, 0.5 + 0.5 * normal, normals)


def room_view(camera: Camera) -> Rendered:
    """A floor at z = -0.5 (green) and a wall at y = 0.7 (red) that go on for ever; above the wall's horizon the wall goes on."""
    rays = camera.directions().astype(np.float64)
    with np.errstate(divide="ignore"):
        floor = np.where(rays[..., 2] < 0, (-0.5 - camera.position[2]) / rays[..., 2], np.inf)
        wall = np.where(rays[..., 1] > 0, (0.7 - camera.position[1]) / rays[..., 1], np.inf)
    depth = np.minimum(floor, wall)
    hit = np.isfinite(depth)
    is_floor = (floor < wall)[..., None]
    normal = np.where(is_floor, (0.0, 0.0, 1.0), (0.0, -1.0, 0.0))
    colour = np.where(is_floor, (0.1, 0.8, 0.1), (0.8, 0.1, 0.1))
    return _rendered(np.where(hit, depth, 0), hit, normal, colour, False)


def _rendered(
    depth: NDArray[np.float64], hit: NDArray[np.bool_], normal: NDArray[np.float64], colour: NDArray[np.float64], normals: bool
) -> Rendered:
    return Rendered(
        colour=(colour * hit[..., None]).astype(np.float32),
        opacity=hit.astype(np.float32),
        depth=depth.astype(np.float32),
        normal=(normal * hit[..., None]).astype(np.float32) if normals else None,
    )
