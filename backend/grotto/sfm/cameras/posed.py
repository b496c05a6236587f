"""Posed cameras of a COLMAP model as pinholes with depth bounds, as LLFF datasets list them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ...formats import PhotoCamera

if TYPE_CHECKING:
    import pycolmap

PosedCamera = tuple[PhotoCamera, NDArray[np.float64]]  # and (2,) near and far

_DEPTH_PERCENTILES = (0.1, 99.9)
_NO_POINTS = (0.1, 10.0)  # depth bounds of a camera that sees no point


def posed_cameras(model: pycolmap.Reconstruction, known: Mapping[str, PhotoCamera], pictures: str) -> dict[str, PosedCamera]:
    """The posed cameras of a model's images by name (file stem), for images in `known`, which gives their size.

    The principal point is set to the middle. pictures: folder that their file paths begin with.
    """
    posed = {}
    for image in sorted(model.images.values(), key=lambda image: image.name):
        name = Path(image.name).stem
        if not image.has_pose or name not in known:
            continue
        camera_from_world = np.eye(4)
        camera_from_world[:3] = image.cam_from_world().matrix()
        points = [model.points3D[point.point3D_id].xyz for point in image.points2D if point.has_point3D()]
        depth = (np.array(points) @ camera_from_world[2, :3] + camera_from_world[2, 3]) if points else np.array(_NO_POINTS)
        like, focal = known[name], float(model.cameras[image.camera_id].mean_focal_length())
        camera = PhotoCamera(
            file_path=f"{pictures}/{name}.png",
            photo_name=like.photo_name,
            width=like.width,
            height=like.height,
            focal_x=focal,
            focal_y=focal,
            centre_x=like.width / 2,
            centre_y=like.height / 2,
            world_from_camera=np.asarray(np.linalg.inv(camera_from_world), np.float64),
        )
        posed[name] = camera, np.percentile(depth, _DEPTH_PERCENTILES)
    return posed
