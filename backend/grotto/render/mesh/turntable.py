"""Previews of finished meshes: a strip of views around them on grey."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ...formats import TexturedMesh
from ...scene import Camera, look_at
from .picture import finished_parts

TURNS_DEG = (0.0, 35.0, 70.0, 180.0)  # to the right of the front
GROUND = 0.82  # grey behind the mesh
_RISE = 0.1  # radians: previews look a little down
_DISTANCE = 3.2  # of the mesh's diagonal
_FOCAL = 3.0  # of the picture's side


def turntable_camera(points: NDArray[np.floating], side_px: int, turn_deg: float) -> tuple[Camera, NDArray[np.float64]]:
    """A camera that sees all points (n, 3) from `turn_deg` to the right of -y, and the unit direction towards it (3,)."""
    lowest, highest = points.min(0), points.max(0)
    middle, size = 0.5 * (lowest + highest), float(np.linalg.norm(highest - lowest))
    turn = np.deg2rad(turn_deg)
    towards = np.array([np.sin(turn) * np.cos(_RISE), -np.cos(turn) * np.cos(_RISE), np.sin(_RISE)])
    camera = Camera(
        camera_from_world=look_at(middle + _DISTANCE * size * towards, middle),
        focal_x=_FOCAL * side_px,
        focal_y=_FOCAL * side_px,
        centre_x=side_px / 2,
        centre_y=side_px / 2,
        width=side_px,
        height=side_px,
    )
    return camera, towards


def turntable_strip(parts: Sequence[TexturedMesh], side_px: int, turns_deg: Sequence[float] = TURNS_DEG) -> NDArray[np.float32]:
    """(side, n * side, 3) the parts from all these sides, on grey, shaded a little so that their shape shows."""
    prepared = finished_parts(parts)
    points, tiles = prepared.vertices, []
    for turn_deg in turns_deg:
        camera, towards = turntable_camera(points, side_px, turn_deg)
        turn = np.deg2rad(turn_deg)
        seen = prepared.rendered(camera)
        light = towards + np.array([-0.5 * np.cos(turn), -0.5 * np.sin(turn), 0.6])
        cosine = np.ones(seen.opacity.shape) if seen.normal is None else seen.normal @ (light / np.linalg.norm(light))
        shade = (0.55 + 0.5 * np.clip(cosine, 0, 1)).astype(np.float32)
        tiles.append(np.clip(seen.colour * shade[..., None] + (1 - seen.opacity[..., None]) * GROUND, 0, 1))
    return np.concatenate(tiles, axis=1).astype(np.float32)
