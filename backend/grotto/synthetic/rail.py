"""The stations of a camera on a rail before a wall."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..contract.options import MakeWallOptions
from .lens import viewing_directions
from .truth import CameraTruth, PhotoTruth

Array = NDArray[np.float64]

# Rows: the axes of a level camera that looks along +y, in the wall's frame (x right, y down, z forward).
LEVEL_CAMERA_FROM_WALL = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, -1.0], [0.0, 1.0, 0.0]])


def rail_camera(options: MakeWallOptions) -> CameraTruth:
    """The one lens of the rail."""
    width, height = options.photo_width, options.photo_height
    middle = {"cx": width / 2, "cy": height / 2}
    return CameraTruth(
        model="SIMPLE_RADIAL", width=width, height=height, focal_px=options.focal_px, radial=options.radial, **middle
    )


def rail_stations(options: MakeWallOptions, columns: int, rows: int, rng: np.random.Generator) -> tuple[PhotoTruth, ...]:
    """Photos in the order taken, from the top row down; the first row goes to the right."""
    step_x = options.camera_distance_m * options.photo_width / options.focal_px * (1.0 - options.overlap_along)
    step_z = options.camera_distance_m * options.photo_height / options.focal_px * (1.0 - options.overlap_up)
    photos: list[PhotoTruth] = []
    for row in range(rows):
        turned = options.order == "serpentine" and row % 2 == 1
        for column in reversed(range(columns)) if turned else range(columns):
            centre = np.array([column * step_x, -options.camera_distance_m, (rows - 1 - row) * step_z])
            centre += 1e-3 * options.position_jitter_mm * rng.standard_normal(3)
            angles = np.radians(options.rotation_jitter_deg) * rng.standard_normal(3)
            rotation = _turn(angles) @ LEVEL_CAMERA_FROM_WALL
            camera_from_wall = np.column_stack([rotation, -rotation @ centre])
            photos.append(
                PhotoTruth(
                    name=f"{len(photos) + 1:04d}.jpg",
                    camera=0,
                    row=row,
                    column=column,
                    offset_px=None,
                    camera_from_world=tuple(tuple(float(v) for v in line) for line in camera_from_wall),
                )
            )
    return tuple(photos)


def seen_extent(camera: CameraTruth, photos: tuple[PhotoTruth, ...], relief: float) -> tuple[float, float, float, float]:
    """x_min, x_max, z_min, z_max that holds all that the photos see of a wall between y = -relief and +relief."""
    width, height = camera.width, camera.height
    xs, ys = np.linspace(0, width, 9), np.linspace(0, height, 9)
    border = [(x, y) for x in xs for y in (0.0, height)] + [(x, y) for x in (0.0, width) for y in ys]
    rays = viewing_directions(camera, np.array(border))
    found = []
    for photo in photos:
        directions = rays @ photo.matrix()[:, :3]
        centre = photo.centre()
        for level in (-relief, relief):
            depth = (level - centre[1]) / directions[:, 1]
            found.append(centre + depth[:, None] * directions)
    points = np.concatenate(found)
    margin = 0.01
    return (
        float(points[:, 0].min() - margin),
        float(points[:, 0].max() + margin),
        float(points[:, 2].min() - margin),
        float(points[:, 2].max() + margin),
    )


def _turn(angles: Array) -> Array:
    """The rotation of a rotation vector (3,), radians (Rodrigues' formula)."""
    angle = float(np.linalg.norm(angles))
    if angle == 0.0:
        return np.eye(3)
    x, y, z = angles / angle
    cross = np.array([[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]])
    return np.eye(3) + np.sin(angle) * cross + (1.0 - np.cos(angle)) * (cross @ cross)
