"""The frame of a scan whose cameras were found: z up, the subject about the origin, cameras in front of it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pycolmap
from numpy.typing import NDArray

from ...contract import Progress
from ...photos import PhotoSet
from ..cameras import Reconstruction
from .sparse_scene import MODEL, SparseScene, why_model_is_a_wall, write_scene

LEAST_POINTS = 8


def forecast_scan_frame(photos: PhotoSet, cameras: Reconstruction) -> int:
    """Bytes: the model in memory, by measurement about 60 times its files."""
    size = sum(file.stat().st_size for file in (cameras.folder / cameras.model).iterdir())
    return 200_000_000 + 60 * size


def set_scan_frame(photos: PhotoSet, cameras: Reconstruction, folder: Path, report: Progress) -> SparseScene:
    """Turn, shift and scale the model: up is the photos' mean up, the origin the middle of the points.

    The cameras' mean direction is -y, so that Blender's front view shows what most photos show. No length is known: one
    unit is the median distance from a camera to the points it sees.
    """
    model = cameras.read_model()
    registered = [image for image in model.images.values() if image.has_pose]
    known = [image for image in registered if photos.photos[image.image_id - 1].gravity_known]
    ups = np.array([-image.cam_from_world().rotation.matrix()[1] for image in known or registered])
    views = np.array([image.cam_from_world().rotation.matrix()[2] for image in registered])
    centres = np.array([image.projection_center() for image in registered])
    points = np.array([point.xyz for point in model.points3D.values()]).reshape(-1, 3)
    if flat_wall := why_model_is_a_wall(model):
        report.note(flat_wall)
    middle = np.median(points if len(points) else centres, axis=0)
    rotation = upright_axes(ups, views)
    distance = float(np.median(np.linalg.norm(centres - middle, axis=1))) or 1.0
    scale = 1.0 / distance
    model.transform(pycolmap.Sim3d(scale, pycolmap.Rotation3d(rotation), -scale * (rotation @ middle)))
    cloud = write_scene(model, folder, LEAST_POINTS)
    report.note("no length is known, so the scale is arbitrary: one unit is the usual distance from camera to subject")
    report(1.0, "upright")
    return SparseScene(
        folder=folder,
        model=MODEL,
        cloud=cloud,
        points=model.num_points3D(),
        placed=cameras.registered,
        given=False,
        reprojection_px=cameras.reprojection_px,
    )


def upright_axes(ups: NDArray[np.float64], views: NDArray[np.float64]) -> NDArray[np.float64]:
    """Rows x, y, z of the upright frame in the model's axes, (3, 3), determinant 1.

    ups (n, 3): the photos' up directions. z is their mean; where photos look down on all sides it leans with none of them.
    views (m, 3): the directions of view; y is their mean, made level.
    """
    z = (ups / np.linalg.norm(ups, axis=1, keepdims=True)).mean(axis=0)
    z = z / np.linalg.norm(z) if np.linalg.norm(z) > 1e-6 else ups[0] / np.linalg.norm(ups[0])
    for y in (views.mean(axis=0), views[0], np.array([0.0, 1.0, 0.0]), np.array([1.0, 0.0, 0.0])):
        level = y - (y @ z) * z
        if np.linalg.norm(level) > 0.05:
            break
    level /= np.linalg.norm(level)
    return np.stack([np.cross(level, z), level, z])
