"""Two-view geometry of matched pairs, by COLMAP's estimators on a sample of the matches.

A pair of a wall has thousands of matches, nearly all true: some hundreds of them fix its geometry as well, in a fifth of the
time. All matches are then held against it, and the choice between the kinds of geometry is COLMAP's, by the counts over all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pycolmap
from numpy.typing import NDArray

from ...contract import Progress
from .projective import Floats, Pair

SAMPLE = 800  # matches of a pair with more
LEAST_MATCHES = 8  # to estimate anything
MOST_PLANAR = 0.8  # COLMAP's `max_H_inlier_ratio`: with more of the others' inliers, a homography explains the pair
LEAST_CALIBRATED = 0.95  # COLMAP's `min_E_F_inlier_ratio`

Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class _Seen:
    """Matched places of a pair and the cameras that saw them."""

    places: tuple[Floats, Floats]  # (n, 2) px each
    cameras: tuple[pycolmap.Camera, pycolmap.Camera]


def verify_matches(path: Path, pairs: Sequence[Pair], least_inliers: int, report: Progress) -> None:
    """Find the geometry of each pair (positions of photos) from its matches in the database at `path`, and write it there.

    Where too few matches obey one geometry, the pair is written as degenerate, without inliers, as COLMAP does.
    """
    with pycolmap.Database.open(str(path)) as database:
        cameras = {image.image_id: database.read_camera(image.camera_id) for image in database.read_all_images()}
        keypoints: dict[int, Floats] = {}
        for first, second in pairs:
            report.check()
            ids = first + 1, second + 1
            for image_id in ids:
                if image_id not in keypoints:
                    keypoints[image_id] = np.asarray(database.read_keypoints(image_id), np.float64)[:, :2]
            matches = np.asarray(database.read_matches(*ids)).reshape(-1, 2)
            places = keypoints[ids[0]][matches[:, 0]], keypoints[ids[1]][matches[:, 1]]
            seen = _Seen(places, (cameras[ids[0]], cameras[ids[1]]))
            geometry = two_view_geometry(seen.places, seen.cameras, least_inliers, seed=first * 100_003 + second)
            geometry.inlier_matches = matches[geometry.inlier_matches[:, 0]].astype(np.uint32)
            database.write_two_view_geometry(*ids, geometry)


def two_view_geometry(
    places: tuple[Floats, Floats], cameras: tuple[pycolmap.Camera, pycolmap.Camera], least_inliers: int, seed: int = 0
) -> pycolmap.TwoViewGeometry:
    """The geometry that most matches (n, 2) px, (n, 2) px obey; its `inlier_matches` are rows of them, twice.

    Decided as in COLMAP's `EstimateTwoViewGeometry`: of photos with known focal lengths an essential matrix where it holds
    nearly as many matches as a fundamental one, and a homography where that holds most of them.
    """
    options = pycolmap.TwoViewGeometryOptions().ransac
    options.random_seed = 0
    count = len(places[0])
    if count < max(least_inliers, LEAST_MATCHES):
        return pycolmap.TwoViewGeometry(
            config=pycolmap.TwoViewGeometryConfiguration.DEGENERATE, inlier_matches=np.zeros((0, 2), np.uint32)
        )
    rows = np.arange(count)
    if count > SAMPLE:
        rows = np.sort(np.random.default_rng(seed).choice(count, SAMPLE, replace=False))
    some = places[0][rows], places[1][rows]
    kind = pycolmap.TwoViewGeometryConfiguration
    found = pycolmap.TwoViewGeometry(config=kind.DEGENERATE)
    fundamental = _model(pycolmap.estimate_fundamental_matrix(*some, options), "F")
    homography = _model(pycolmap.estimate_homography_matrix(*some, options), "H")
    by_f = _near_epipolar(fundamental, places, options.max_error)
    by_h = _transferred(homography, places, options.max_error)
    known = all(camera.has_prior_focal_length for camera in cameras)
    essential = _model(pycolmap.estimate_essential_matrix(*some, *cameras, options), "E") if known else None
    by_e = _near_rays(essential, places, cameras, options.max_error)
    inliers: Flags = np.zeros(count, bool)
    if by_e.sum() >= max(least_inliers, LEAST_CALIBRATED * by_f.sum()):
        found = pycolmap.TwoViewGeometry(config=kind.CALIBRATED, E=essential)
        inliers = by_e if by_e.sum() >= by_f.sum() else by_f
    elif by_f.sum() >= least_inliers:
        found, inliers = pycolmap.TwoViewGeometry(config=kind.UNCALIBRATED, F=fundamental), by_f
    if by_h.sum() >= least_inliers and by_h.sum() > MOST_PLANAR * inliers.sum():
        calibrated = found.config == kind.CALIBRATED and by_h.sum() <= inliers.sum()
        found, inliers = pycolmap.TwoViewGeometry(config=kind.PLANAR_OR_PANORAMIC, H=homography), inliers if calibrated else by_h
    chosen = np.flatnonzero(inliers)
    found.inlier_matches = np.column_stack([chosen, chosen]).astype(np.uint32)
    return found


def _model(found: dict[str, Any] | None, name: str) -> Floats | None:
    return None if found is None else np.asarray(found[name], np.float64)


def _near_epipolar(matrix: Floats | None, places: tuple[Floats, Floats], error_px: float) -> Flags:
    """By the squared Sampson error of x_second^T F x_first."""
    if matrix is None:
        return np.zeros(len(places[0]), bool)
    a, b = (np.column_stack([each, np.ones(len(each))]) for each in places)
    line_b, line_a = a @ matrix.T, b @ matrix
    algebraic = (b * line_b).sum(axis=1)
    gradient = (line_b[:, :2] ** 2).sum(axis=1) + (line_a[:, :2] ** 2).sum(axis=1)
    return np.asarray(algebraic**2 <= error_px**2 * gradient, np.bool_)


def _near_rays(
    matrix: Floats | None,
    places: tuple[Floats, Floats],
    cameras: tuple[pycolmap.Camera, pycolmap.Camera],
    error_px: float,
) -> Flags:
    """As `_near_epipolar`, of places without distortion and focal length."""
    if matrix is None:
        return np.zeros(len(places[0]), bool)
    rays = tuple(np.asarray(camera.cam_from_img(each), np.float64) for camera, each in zip(cameras, places, strict=True))
    error = float(np.mean([camera.cam_from_img_threshold(error_px) for camera in cameras]))
    return _near_epipolar(matrix, (rays[0], rays[1]), error)


def _transferred(matrix: Floats | None, places: tuple[Floats, Floats], error_px: float) -> Flags:
    """By the distance at which the homography puts a place of the first photo in the second."""
    if matrix is None:
        return np.zeros(len(places[0]), bool)
    moved = np.column_stack([places[0], np.ones(len(places[0]))]) @ matrix.T
    away = moved[:, :2] - places[1] * moved[:, 2:]
    return np.asarray((away**2).sum(axis=1) <= error_px**2 * moved[:, 2] ** 2, np.bool_)
