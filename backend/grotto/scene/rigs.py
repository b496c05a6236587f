"""Cameras round an object at the origin, z up: the six-view rigs, turntables, and random places."""

from __future__ import annotations

import numpy as np

from ..contract import bad_input
from .camera import Camera, look_at

_AZIMUTHS_DEG = (30.0, 90.0, 150.0, 210.0, 270.0, 330.0)  # zero123plus, README: relative to the input view at 0
# Elevations: the same. v1.1: ZeroRF's meta.json has the field of view and 1.284 for an object half as large, and its margin
# of .9. v1.2: InstantMesh's src/utils/camera_util.py has the distance, for an object in the unit ball.
_RIGS = {"v1.1": (30.0, -20.0, 49.134, 1.284 * 2 * 0.9), "v1.2": (20.0, -10.0, 30.0, 4.0)}
RIGS = tuple(_RIGS)

FIELD_OF_VIEW_DEG, DISTANCE = 30.0, 4.0


def zero123plus_rig(version: str, size: int) -> list[Camera]:
    """The six cameras of Zero123++ "v1.1" or "v1.2", pictures of `size` x `size` pixels; elevations alternate.

    Azimuths run counter-clockwise seen from above, from +x. Raises a bad-input problem for another version.
    """
    if version not in _RIGS:
        raise bad_input(f"there is no rig {version!r}", f"choose one of {', '.join(RIGS)}")
    high, low, field_of_view_deg, distance = _RIGS[version]
    return [
        camera_around(azimuth, high if index % 2 == 0 else low, size, field_of_view_deg, distance)
        for index, azimuth in enumerate(_AZIMUTHS_DEG)
    ]


def camera_around(
    azimuth_deg: float,
    elevation_deg: float,
    size: int,
    field_of_view_deg: float = FIELD_OF_VIEW_DEG,
    distance: float = DISTANCE,
) -> Camera:
    """A camera that looks at the origin from `distance`; azimuth counter-clockwise from +x, elevation upwards."""
    azimuth, elevation = np.radians(azimuth_deg), np.radians(elevation_deg)
    towards = np.array([np.cos(elevation) * np.cos(azimuth), np.cos(elevation) * np.sin(azimuth), np.sin(elevation)])
    focal = 0.5 * size / float(np.tan(0.5 * np.radians(field_of_view_deg)))
    return Camera(
        camera_from_world=look_at(distance * towards, np.zeros(3)),
        focal_x=focal, focal_y=focal, centre_x=size / 2, centre_y=size / 2, width=size, height=size,
    )  # fmt: skip


def orbit(n: int, size: int = 256, elevation_deg: float = 15.0) -> list[Camera]:
    """`n` cameras evenly round the object, from azimuth 0, at one elevation."""
    return [camera_around(360.0 * index / n, elevation_deg, size) for index in range(n)]


def orbit_like(camera: Camera, count: int, side_px: int, elevation_deg: float = 15.0) -> list[Camera]:
    """`count` square cameras evenly round the origin at one elevation, as far away and as wide as another camera."""
    distance = float(np.linalg.norm(camera.position))
    focal = camera.focal_x * side_px / camera.width
    rise = np.deg2rad(elevation_deg)
    cameras = []
    for turn in np.linspace(0, 2 * np.pi, count, endpoint=False):
        towards = np.array([np.cos(rise) * np.cos(turn), np.cos(rise) * np.sin(turn), np.sin(rise)])
        around = Camera(
            camera_from_world=look_at(distance * towards, np.zeros(3)),
            focal_x=focal,
            focal_y=focal,
            centre_x=side_px / 2,
            centre_y=side_px / 2,
            width=side_px,
            height=side_px,
        )
        cameras.append(around)
    return cameras


def random_cameras(n: int, seed: int, size: int = 256, lowest_deg: float = -30.0, highest_deg: float = 60.0) -> list[Camera]:
    """`n` cameras spread by chance and evenly over the zone of a sphere between two elevations."""
    rng = np.random.default_rng([seed, 21])
    heights = rng.uniform(np.sin(np.radians(lowest_deg)), np.sin(np.radians(highest_deg)), n)
    return [
        camera_around(float(azimuth), float(np.degrees(np.arcsin(height))), size)
        for azimuth, height in zip(rng.uniform(0, 360, n), heights, strict=True)
    ]
