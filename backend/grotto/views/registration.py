"""Where a picture of an object was taken from, by its outline: for a picture that is to be laid onto a mesh made without it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from ..contract import Progress, bad_input
from ..formats import Mesh
from ..metrics import silhouette_iou
from ..scene import Camera, look_at

_SIDE_PX = 96
_AZIMUTHS_DEG = (-20.0, -10.0, 0.0, 10.0, 20.0)
_ELEVATIONS_DEG = (-30.0, -20.0, -10.0, 0.0, 10.0, 20.0, 30.0, 40.0)
_FINER_DEG = (5.0, 2.5, 1.25)
_SHIFTS_PX = (2.0, 1.0, 0.5)


@dataclass(frozen=True)
class Registered:
    """The camera of a picture, and how well the mesh's outline fits the picture's there."""

    camera: Camera  # of the picture's own pixels
    azimuth_deg: float  # counter-clockwise from +x, seen from above
    elevation_deg: float
    iou: float


def register_picture(mesh: Mesh, alpha: NDArray[np.float32], distance: float, report: Progress) -> Registered:
    """The camera, `distance` from the origin and looking near it, whose view of the mesh has the outline of `alpha` (h, w).

    Looks within 20 degrees of azimuth 0 (the mesh's frame is that of six generated views, whose picture stands there) and for
    elevations from -30 to 40. For each direction the outline is brought over the picture's by its box; the best direction is
    then sought more finely, with shift and scale. Raises bad input for an empty mask.
    """
    if not (alpha > 0.5).any():
        raise bad_input("the picture's mask is empty", "cut the element out again")
    target, scale = _small(alpha)
    best = (-1.0, 0.0, 0.0)
    for number, azimuth in enumerate(_AZIMUTHS_DEG):
        report(0.6 * number / len(_AZIMUTHS_DEG), "looking for the picture's place")
        best = max(
            best, *((_fit(mesh, target, azimuth, elevation, distance)[0], azimuth, elevation) for elevation in _ELEVATIONS_DEG)
        )
    for step in _FINER_DEG:
        report(0.8, "looking more closely")
        _, azimuth, elevation = best
        around = [(azimuth + step * a, elevation + step * e) for a in (-1, 0, 1) for e in (-1, 0, 1) if a or e]
        best = max(best, *((_fit(mesh, target, a, e, distance)[0], a, e) for a, e in around))
    iou, camera = _fit(mesh, target, best[1], best[2], distance)
    iou, camera = _shifted(mesh, target, camera, iou)
    height, width = alpha.shape
    full = replace(
        camera,
        focal_x=camera.focal_x / scale,
        focal_y=camera.focal_y / scale,
        width=width,
        height=height,
        centre_x=camera.centre_x / scale,
        centre_y=camera.centre_y / scale,
    )
    return Registered(full, best[1], best[2], iou)


def _small(alpha: NDArray[np.float32]) -> tuple[NDArray[np.float32], float]:
    height, width = alpha.shape
    scale = _SIDE_PX / max(height, width)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    return np.asarray(cv2.resize(alpha, size, interpolation=cv2.INTER_AREA), np.float32), scale


def _fit(
    mesh: Mesh, target: NDArray[np.float32], azimuth_deg: float, elevation_deg: float, distance: float
) -> tuple[float, Camera]:
    """How well outlines agree from a direction when their boxes are brought together, and the camera that does it."""
    height, width = target.shape
    azimuth, elevation = np.deg2rad(azimuth_deg), np.deg2rad(elevation_deg)
    towards = np.array([np.cos(elevation) * np.cos(azimuth), np.cos(elevation) * np.sin(azimuth), np.sin(elevation)])
    focal = 0.5 * distance * _SIDE_PX  # a body within a unit of the origin is well within such a picture
    camera = Camera(
        camera_from_world=look_at(distance * towards, np.zeros(3)),
        focal_x=focal,
        focal_y=focal,
        centre_x=width / 2,
        centre_y=height / 2,
        width=width,
        height=height,
    )
    pixels, depth = camera.project(mesh.vertices.astype(np.float64))
    seen = pixels[depth > 0]
    if not len(seen):
        return 0.0, camera
    low, high = seen.min(0), seen.max(0)
    left, top, right, bottom = _box(target)
    grow = float(np.sqrt((right - left) * (bottom - top) / max(float(np.prod(high - low)), 1e-9)))
    middle = 0.5 * (low + high)
    moved = replace(
        camera,
        focal_x=focal * grow,
        focal_y=focal * grow,
        centre_x=0.5 * (left + right) + grow * (camera.centre_x - middle[0]),
        centre_y=0.5 * (top + bottom) + grow * (camera.centre_y - middle[1]),
    )
    return _agreement(mesh, target, moved), moved


def _shifted(mesh: Mesh, target: NDArray[np.float32], camera: Camera, iou: float) -> tuple[float, Camera]:
    """The camera with its picture moved and scaled a little, where that makes outlines agree better."""
    for step in _SHIFTS_PX:
        for across, down, grow in _moves(step):
            moved = replace(
                camera,
                centre_x=camera.centre_x + across,
                centre_y=camera.centre_y + down,
                focal_x=camera.focal_x * grow,
                focal_y=camera.focal_y * grow,
            )
            found = _agreement(mesh, target, moved)
            if found > iou:
                iou, camera = found, moved
    return iou, camera


def _moves(step: float) -> Sequence[tuple[float, float, float]]:
    grow = 1 + 2 * step / _SIDE_PX
    return [(step, 0, 1), (-step, 0, 1), (0, step, 1), (0, -step, 1), (0, 0, grow), (0, 0, 1 / grow)]


def _agreement(mesh: Mesh, target: NDArray[np.float32], camera: Camera) -> float:
    from ..render.mesh.differentiable import render_mesh  # here, as rooms that only read photos would take seconds to load torch

    return float(silhouette_iou(render_mesh(mesh, camera, samples=1).opacity, target))


def _box(mask: NDArray[np.float32]) -> tuple[float, float, float, float]:
    rows, columns = np.flatnonzero((mask > 0.5).any(1)), np.flatnonzero((mask > 0.5).any(0))
    if not len(rows):  # thinner than a small pixel
        rows, columns = np.flatnonzero((mask > 0).any(1)), np.flatnonzero((mask > 0).any(0))
    return float(columns[0]), float(rows[0]), float(columns[-1] + 1), float(rows[-1] + 1)
