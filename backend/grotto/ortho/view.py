"""The photos that look at the wall: camera, place, and the part of the wall each one sees."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pycolmap
from numpy.typing import NDArray

from ..contract import bad_input
from .lens import Lens

Floats = NDArray[np.floating]
Surface = Callable[[Floats, Floats], Floats]  # y of the wall at (x, z), in units; finite everywhere

LEAST_FRONTALITY = 0.2  # cosine between ray and the wall's normal; flatter rays smear the wall
_BORDER_POINTS = 12  # along each side of a photo


@dataclass(frozen=True, kw_only=True)
class PlacedPhoto:
    """One registered photo. Wall frame, units."""

    name: str
    lens: Lens
    camera_from_world: NDArray[np.float64]  # (3, 4), OpenCV axes

    @property
    def centre(self) -> NDArray[np.float64]:
        """Centre of the camera (3,)."""
        return -self.camera_from_world[:, :3].T @ self.camera_from_world[:, 3]

    def project(self, x: Floats, y: Floats, z: Floats) -> tuple[Floats, Floats]:
        """Pixels (column, row) of wall-frame points of any common shape; NaN where the photo cannot show them."""
        r = self.camera_from_world
        return self.lens.project(
            r[0, 0] * x + r[0, 1] * y + r[0, 2] * z + r[0, 3],
            r[1, 0] * x + r[1, 1] * y + r[1, 2] * z + r[1, 3],
            r[2, 0] * x + r[2, 1] * y + r[2, 2] * z + r[2, 3],
        )

    def footprint(self, surface: Surface) -> NDArray[np.float64]:
        """(x, z) of the photo's border on the wall (n, 2), in turn; rays too flat to the wall are cut at LEAST_FRONTALITY."""
        w, h = float(self.lens.width), float(self.lens.height)
        along = np.linspace(0.0, 1.0, _BORDER_POINTS, endpoint=False)
        columns = np.concatenate([along * w, np.full_like(along, w), (1 - along) * w, np.zeros_like(along)])
        rows = np.concatenate([np.zeros_like(along), along * h, np.full_like(along, h), (1 - along) * h])
        rays = self.lens.directions(columns, rows) @ self.camera_from_world[:, :3]
        rays /= np.linalg.norm(rays, axis=1, keepdims=True)
        rays[:, 1] = np.maximum(rays[:, 1], LEAST_FRONTALITY)
        start = self.centre
        x, z = np.full(len(rays), start[0]), np.full(len(rays), start[2])
        for _ in range(4):
            reach = np.maximum(surface(x, z) - start[1], 0.0) / rays[:, 1]
            x, z = start[0] + reach * rays[:, 0], start[2] + reach * rays[:, 2]
        return np.stack([x, z], axis=1)


def plane(x: Floats, z: Floats) -> Floats:
    """The wall before its relief is known."""
    return np.zeros(np.broadcast(x, z).shape)


def views_of(model: pycolmap.Reconstruction, sizes: Mapping[str, tuple[int, int]] | None = None) -> list[PlacedPhoto]:
    """The registered photos, by name. `sizes` (width, height) in px by name restricts to those photos and their true size.

    Raises a bad-input problem where no photo is left.
    """
    views = []
    for image in sorted(model.images.values(), key=lambda image: image.name):
        if not image.has_pose or (sizes is not None and image.name not in sizes):
            continue
        camera = model.cameras[image.camera_id]
        own = (camera.width, camera.height)
        lens = Lens.from_colmap(camera.model.name, np.array(camera.params), own, sizes[image.name] if sizes else own)
        camera_from_world = np.array(image.cam_from_world().matrix())
        views.append(PlacedPhoto(name=image.name, lens=lens, camera_from_world=camera_from_world))
    if not views:
        raise bad_input("no photo of the folder has a camera", "run the job again from its start")
    return views
