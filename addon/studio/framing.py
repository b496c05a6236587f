"""Framing: where the subject is, and from where to look at it. Lengths in scene units."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from bpy.types import Object
from mathutils import Vector
from numpy.typing import NDArray

Array = NDArray[np.float64]

DEFAULT_DIRECTION = Vector((0.62, -1.0, 0.34))  # towards the camera, for subjects with photos from all sides
ONE_SIDED = 0.35  # horizontal length of the mean direction to the cameras from which they count as on one side
ASIDE = math.radians(9)  # angle between the view and the mean direction to the cameras


def vertices_of(root: Object) -> Array:
    """Return the (n, 3) vertices of the shown mesh of a result, in the scene's frame."""
    mesh: Any = next(item for item in root.children if item.type == "MESH" and len(item.data.polygons) and item.visible_get())
    flat = np.empty(3 * len(mesh.data.vertices), np.float32)
    mesh.data.vertices.foreach_get("co", flat)
    world_from_mesh = np.array(mesh.matrix_world)
    return flat.reshape(-1, 3).astype(np.float64) @ world_from_mesh[:3, :3].T + world_from_mesh[:3, 3]


def box_of(vertices: Array) -> tuple[Vector, Vector]:
    """Return the lowest and the highest corner of the box around (n, 3) vertices."""
    return Vector(vertices.min(0)), Vector(vertices.max(0))


def radius_of(vertices: Array, middle: Vector) -> float:
    """Return the largest distance of (n, 3) vertices from the middle."""
    return float(np.linalg.norm(vertices - np.array(middle), axis=1).max())


def positions_of(cameras: list[Object]) -> Array:
    """Return the (n, 3) positions of cameras."""
    return np.array([item.matrix_world.translation for item in cameras]).reshape(-1, 3)


def axes_of(cameras: list[Object]) -> Array:
    """Return the (n, 3) viewing directions of cameras, of length 1."""
    return np.array([-item.matrix_world.to_3x3().col[2] for item in cameras]).reshape(-1, 3)


def view_direction(positions: Array, middle: Vector) -> Vector:
    """Return the direction from the middle to the view camera: beside the photos' cameras if these are on one side."""
    rays = positions - np.array(middle)
    mean = (rays / np.linalg.norm(rays, axis=1, keepdims=True)).mean(0) if len(rays) else np.zeros(3)
    level = math.hypot(mean[0], mean[1])
    if level < ONE_SIDED:
        return DEFAULT_DIRECTION.normalized()
    angle = math.atan2(mean[1], mean[0]) + ASIDE
    return Vector((level * math.cos(angle), level * math.sin(angle), mean[2])).normalized()


def shared_focus(positions: Array, axes: Array) -> Vector:
    """Return the point with the least sum of squared distances to all optical axes."""
    across = np.eye(3) - axes[:, :, None] * axes[:, None, :]  # (n, 3, 3) projections across each axis
    focus = np.linalg.lstsq(across.sum(0), (across @ positions[:, :, None]).sum(0)[:, 0], rcond=None)[0]
    return Vector(focus)
