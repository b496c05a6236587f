"""Cameras against the true ones, after alignment by a similarity, which photos do not determine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ...contract import bad_input
from ...metrics import Similarity, align_similarity
from ...synthetic import WallTruth

if TYPE_CHECKING:
    import pycolmap

Array = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class CameraScore:
    """Errors of the cameras. Millimetres are the true wall's; in crops a painting pixel counts as half of one."""

    registered: int
    total: int
    cameras: int  # lenses in the model: one where the photos share it
    focal_least_px: float
    focal_most_px: float
    focal_error: float  # the worst lens's, as a part of the true focal length
    scale: float  # true units in a unit of the model
    centre_rmse_mm: float
    out_of_plane_rmse_mm: float  # the part of it along the wall's normal: how far the block is bent
    rotation_deg: float  # RMS
    reprojection_px: float  # the model's own; never a verdict


def score_model(reconstruction: pycolmap.Reconstruction, truth: WallTruth) -> CameraScore:
    """Score a bare COLMAP model whose images bear the photos' file names."""
    return score_cameras(reconstruction, truth)[0]


def score_cameras(reconstruction: pycolmap.Reconstruction, truth: WallTruth) -> tuple[CameraScore, Similarity]:
    """The score, and the similarity from the model's frame to the true wall's.

    The similarity is fitted to the camera centres. Raises bad input where fewer than three photos are known.
    """
    from_model, from_truth, photos, focals = [], [], [], []
    for image in reconstruction.images.values():
        photo = truth.photo(image.name)
        if photo is None or not image.has_pose:
            continue
        camera = reconstruction.cameras[image.camera_id]
        from_model.append(np.asarray(image.cam_from_world().matrix()))
        from_truth.append(photo.matrix())
        photos.append(photo)
        focals.append((camera.mean_focal_length(), truth.cameras[photo.camera].focal_px))
    if len(photos) < 3:
        raise bad_input(
            f"the model holds {len(photos)} of the truth's photos", "compare a job with the wall that it was made from"
        )
    found, true = np.array(from_model), np.array(from_truth)
    similarity = align_similarity(_centres(found), _centres(true))
    misses = similarity.forward(_centres(found)) - _centres(true)
    turns = found[:, :, :3] @ similarity.rotation.T @ true[:, :, :3].transpose(0, 2, 1)
    angles = np.degrees(np.arccos(np.clip((np.trace(turns, axis1=1, axis2=2) - 1) / 2, -1, 1)))
    ratios = np.array([a / b for a, b in focals])
    mm = truth.mm_per_unit
    score = CameraScore(
        registered=len(photos),
        total=len(truth.photos),
        cameras=len({image.camera_id for image in reconstruction.images.values() if image.has_pose}),
        focal_least_px=float(min(a for a, _ in focals)),
        focal_most_px=float(max(a for a, _ in focals)),
        focal_error=float(np.abs(ratios - 1).max()),
        scale=similarity.scale,
        centre_rmse_mm=mm * _rms(np.linalg.norm(misses, axis=1)),
        out_of_plane_rmse_mm=mm * _rms(misses[:, 1]),
        rotation_deg=_rms(angles),
        reprojection_px=float(reconstruction.compute_mean_reprojection_error()),
    )
    return score, similarity


def _centres(camera_from_world: Array) -> Array:
    """Camera centres (n, 3) of poses (n, 3, 4)."""
    return -np.einsum("nji,nj->ni", camera_from_world[:, :, :3], camera_from_world[:, :, 3])


def _rms(values: Array) -> float:
    return float(np.sqrt(np.mean(values**2)))
