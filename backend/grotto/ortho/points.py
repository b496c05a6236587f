"""The sparse points as measurements of the wall's height, each with how well it is known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pycolmap
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from ..contract import Progress, bad_input

LEAST_POINTS = 12
_LARGEST_ERROR_PX = 1.5
_NEIGHBOURS = 16
_DISC = 8  # points
_FAR = 6.0  # usual distances to the nearest point
_OUTLIER_SIGMAS = 4.0
_MAD_TO_SIGMA = 1.4826


@dataclass(frozen=True)
class WallPoints:
    """n points of the wall. Wall frame, units."""

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    z: NDArray[np.float64]
    sigma: NDArray[np.float64]  # of y, in units for one pixel of error in the photos

    def __len__(self) -> int:
        return len(self.x)

    def select(self, keep: NDArray[np.bool_] | NDArray[np.integer]) -> WallPoints:
        return WallPoints(self.x[keep], self.y[keep], self.z[keep], self.sigma[keep])

    @property
    def spacing(self) -> float:
        """Usual distance between neighbours, in units: the side of the square that a point has for itself.

        From distances to the eighth neighbour, whose disc holds eight points: robust against holes and against features
        found twice at one place.
        """
        places = np.stack([self.x, self.z], axis=1)
        count = min(_DISC, len(places) - 1)
        distance = cKDTree(places).query(places[:: max(1, len(places) // 20000)], k=count + 1)[0][:, -1]
        return float(np.median(distance) * np.sqrt(np.pi / count))


def read_points(model: pycolmap.Reconstruction, report: Progress) -> WallPoints:
    """The model's points with small errors that three photos or more see; where there are none near, those of two photos.

    Raises a bad-input problem where the model has next to no points.
    """
    ids, xyz, error, length = [], [], [], []
    for number, (point_id, point) in enumerate(model.points3D.items()):
        if number % 20000 == 0:
            report.check()
        ids.append(point_id)
        xyz.append(point.xyz)
        error.append(point.error)
        length.append(point.track.length())
    if len(ids) < LEAST_POINTS:
        raise bad_input(f"the wall has only {len(ids)} points in common between photos", "take photos that overlap more")
    places, errors, lengths = np.array(xyz), np.array(error), np.array(length)
    limit = max(_LARGEST_ERROR_PX, 2.0 * float(np.median(errors)))
    sigma = _height_sigma(model, np.array(ids), places, report)
    good = (errors < limit) & np.isfinite(sigma)
    keep = good & ((lengths >= 3) | _far_from(places, good & (lengths >= 3)))
    return WallPoints(places[:, 0], places[:, 1], places[:, 2], sigma).select(keep)


def _far_from(places: NDArray[np.float64], chosen: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which places (n, 3) have none of the chosen near them, on the wall: nothing better is known there."""
    if chosen.sum() < LEAST_POINTS:
        return np.ones(len(places), bool)
    tree = cKDTree(places[chosen][:, (0, 2)])
    usual = np.median(tree.query(places[chosen][:: max(1, int(chosen.sum()) // 20000), (0, 2)], k=2)[0][:, 1])
    return tree.query(places[:, (0, 2)])[0] > _FAR * usual


def _height_sigma(
    model: pycolmap.Reconstruction, ids: NDArray[np.int64], places: NDArray[np.float64], report: Progress
) -> NDArray[np.float64]:
    """Standard deviation of y (n,) per pixel of error: from the information matrix of each point's rays.

    Hartley & Zisserman, 2nd ed., 5.1.3: covariance of a triangulated point from the Jacobians of its observations,
    each here (f / distance)^2 (I - d d^T) for a ray of direction d.
    """
    row_of_id = {int(point_id): row for row, point_id in enumerate(ids)}
    information = np.zeros((len(ids), 3, 3))
    for image in model.images.values():
        report.check()
        if not image.has_pose:
            continue
        seen = [row_of_id[p.point3D_id] for p in image.get_observation_points2D() if p.point3D_id in row_of_id]
        rows = np.array(seen, np.int64)
        rays = places[rows] - image.projection_center()
        square = (rays**2).sum(1)[:, None, None]
        outer = rays[:, :, None] * rays[:, None, :] / square
        focal = model.cameras[image.camera_id].mean_focal_length()
        np.add.at(information, rows, focal**2 / square * (np.eye(3) - outer))
    information += 1e-12 * np.trace(information, axis1=1, axis2=2)[:, None, None] * np.eye(3)
    with np.errstate(invalid="ignore"):
        determinant = np.linalg.det(information)
        minor = information[:, 0, 0] * information[:, 2, 2] - information[:, 0, 2] ** 2
        return np.where(determinant > 0, np.sqrt(np.maximum(minor, 0) / np.where(determinant > 0, determinant, 1)), np.inf)


def without_outliers(points: WallPoints) -> WallPoints:
    """The points that agree with the median of their neighbours, judged by the neighbours' own spread.

    Judged twice, among many neighbours and then among few: wrong matches lie far off the wall, and things before it
    (posts, ropes) are thin beside the wide neighbourhood.
    """
    for neighbours in (4 * _NEIGHBOURS, _NEIGHBOURS):
        count = min(neighbours, len(points))
        if count < 4:
            return points
        places = np.stack([points.x, points.z], axis=1)
        near = cKDTree(places).query(places, k=count, workers=-1)[1]
        heights = points.y[near]
        middle = np.median(heights, axis=1)
        spread = np.median(np.abs(heights - middle[:, None]), axis=1) * _MAD_TO_SIGMA
        # A spread below the usual one is luck, not precision.
        spread = np.maximum(spread, np.median(spread))
        points = points.select(np.abs(points.y - middle) <= _OUTLIER_SIGMAS * spread + 1e-12)
    return points
