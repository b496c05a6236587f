"""How near one surface is to another: Chamfer, Hausdorff, F-score and the agreement of normals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import KDTree

from ..formats import Mesh

Array = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class SurfaceScore:
    """Two surfaces compared by points spread over both; lengths in the world's unit.

    d(p, S) is the distance from a point p to the nearest of the points of surface S. Spread points are never in the same
    places, so equal surfaces score about half the mean distance of the points, not 0.
    """

    chamfer: float  # half the sum of mean d(result, reference) and mean d(reference, result): not squared
    hausdorff: float  # the largest d of either side
    precision: float  # part of the result's points with d below the threshold
    recall: float  # part of the reference's points with d below the threshold
    f_score: float  # harmonic mean of both
    threshold: float
    normal_consistency: float  # mean |n . n'| with the nearest point's normal, both sides averaged; 1 is parallel


def compare_surfaces(
    result: Mesh, reference: Mesh, *, samples: int = 30_000, threshold: float | None = None, seed: int = 0
) -> SurfaceScore:
    """Compare two meshes by `samples` points on each, by area, seeds fixed; vertices join in for the Hausdorff distance.

    `threshold` of the F-score (Knapitsch and others, Tanks and Temples, 2017, section 4) is 1 % of the reference's diagonal
    unless given. Normals as in Mescheder and others, Occupancy Networks, 2019, appendix: without sign. Raises ValueError for
    a mesh without area.
    """
    if threshold is None:
        threshold = 0.01 * float(np.linalg.norm(np.ptp(reference.vertices.astype(np.float64), axis=0)))
    # Seeds differ: with one seed, equal meshes would be sampled in the same places and score exactly 0.
    points, normals = sample_surface(result, samples, seed)
    goals, goal_normals = sample_surface(reference, samples, seed + 1)
    tree, goal_tree = KDTree(points), KDTree(goals)
    there, nearest_goal = goal_tree.query(points)
    back, nearest_point = tree.query(goals)
    precision, recall = float((there < threshold).mean()), float((back < threshold).mean())
    both = precision + recall
    agreement = np.abs((normals * goal_normals[nearest_goal]).sum(1)).mean()
    agreement_back = np.abs((goal_normals * normals[nearest_point]).sum(1)).mean()
    return SurfaceScore(
        chamfer=float(0.5 * (there.mean() + back.mean())),
        hausdorff=hausdorff_of_points(np.concatenate([points, _used(result)]), np.concatenate([goals, _used(reference)])),
        precision=precision,
        recall=recall,
        f_score=2 * precision * recall / both if both else 0.0,
        threshold=threshold,
        normal_consistency=float(0.5 * (agreement + agreement_back)),
    )


def chamfer(points: NDArray[np.floating], reference: NDArray[np.floating]) -> float:
    """Half the sum of the mean nearest distances of two sets (n, 3), (m, 3), there and back; not squared."""
    there, back = _nearest(points, reference)
    return float(0.5 * (there.mean() + back.mean()))


def f_score(points: NDArray[np.floating], reference: NDArray[np.floating], threshold: float) -> float:
    """Harmonic mean of the parts of both sets, (n, 3) and (m, 3), that lie nearer to the other than `threshold`."""
    there, back = _nearest(points, reference)
    precision, recall = float((there < threshold).mean()), float((back < threshold).mean())
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def hausdorff_of_points(points: NDArray[np.floating], reference: NDArray[np.floating]) -> float:
    """The largest nearest distance of two sets (n, 3), (m, 3), either way."""
    there, back = _nearest(points, reference)
    return float(max(there.max(), back.max()))


def sample_surface(mesh: Mesh, count: int, seed: int) -> tuple[Array, Array]:
    """`count` points (count, 3) spread evenly by area, and the unit normals (count, 3) of their faces.

    Positions along the cumulative area are stratified, so that parts of the surface are met in proportion. Raises ValueError
    for a mesh without area.
    """
    corners = mesh.vertices.astype(np.float64)[mesh.faces]
    across = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    doubled = np.linalg.norm(across, axis=1)
    total = doubled.sum()
    if not total > 0:
        raise ValueError("the mesh has no area")
    rng = np.random.default_rng(seed)
    along = (np.arange(count) + rng.random(count)) / count * total
    face = np.minimum(np.searchsorted(np.cumsum(doubled), along), len(doubled) - 1)
    root, second = np.sqrt(rng.random(count)), rng.random(count)
    weights = np.stack([1 - root, root * (1 - second), root * second], axis=1)  # Osada and others 2002, equation 1
    points = np.einsum("nk,nkd->nd", weights, corners[face])
    return points, across[face] / np.maximum(doubled[face], 1e-300)[:, None]


def _used(mesh: Mesh) -> Array:
    return mesh.vertices[np.unique(mesh.faces)].astype(np.float64)


def _nearest(points: NDArray[np.floating], reference: NDArray[np.floating]) -> tuple[Array, Array]:
    if not len(points) or not len(reference):
        raise ValueError("there are no points to compare")
    return KDTree(reference).query(points)[0], KDTree(points).query(reference)[0]
