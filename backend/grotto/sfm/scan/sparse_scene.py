"""The sparse scene: placed photos with their lenses, and the points that they share. Found or given, it looks the same."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ...formats import Artefact, PointCloud, read_points_ply, write_points_ply
from ..wall import why_a_wall

if TYPE_CHECKING:
    import pycolmap

CLOUD = "points.ply"
MODEL = "model"


@dataclass(frozen=True, kw_only=True)
class SparseScene(Artefact):
    """A COLMAP model whose image ids are positions in the photo set plus one; its lenses are those of the photos."""

    model: str  # folder of the binary COLMAP model, relative
    cloud: str  # coloured PLY, relative; "" where there are too few points
    points: int
    placed: tuple[str, ...]  # names of the photos that stand in it
    given: bool  # cameras and frame are the user's own
    reprojection_px: float  # median of matches under the cameras; nan where there was nothing to measure

    def read_model(self) -> pycolmap.Reconstruction:
        import pycolmap

        return pycolmap.Reconstruction(str(Path(self.folder) / self.model))

    def read_cloud(self) -> PointCloud | None:
        """The points with their colours, or None where there are too few."""
        return read_points_ply(self.folder / self.cloud) if self.cloud else None


def write_scene(model: pycolmap.Reconstruction, folder: Path, least_points: int) -> str:
    """Write the model, and its points as a coloured cloud where there are enough; returns the cloud's file name or ""."""
    (folder / MODEL).mkdir()
    model.write_binary(str(folder / MODEL))
    if model.num_points3D() < least_points:
        return ""
    points = np.array([point.xyz for point in model.points3D.values()])
    colours = np.array([point.color for point in model.points3D.values()], np.uint8)
    write_points_ply(folder / CLOUD, points, colours)
    return CLOUD


def why_model_is_a_wall(model: pycolmap.Reconstruction) -> str:
    """One sentence where the model's points and cameras, found or given, are those of a flat wall from its front; else ""."""
    placed = [image for image in model.images.values() if image.has_pose]
    views = np.array([image.cam_from_world().rotation.matrix()[2] for image in placed]).reshape(-1, 3)
    centres = np.array([image.projection_center() for image in placed]).reshape(-1, 3)
    points = np.array([point.xyz for point in model.points3D.values()]).reshape(-1, 3)
    return why_a_wall(points, centres, views)
