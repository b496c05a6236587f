"""Databases of verified matches between photos of wavy walls from a rail, without any picture, and the true centres."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pycolmap
from scipy.spatial.transform import Rotation

from grotto.metrics import align_similarity

WIDTH, HEIGHT, FOCAL, RADIAL = 600, 400, 650.0, -0.03
LEVEL = np.array([[1.0, 0, 0], [0, 0, -1], [0, 1, 0]])
LEAST_SHARED = 30  # points of a pair that counts as verified


def write_rails(
    database: Path, columns: int, rows: int, walls: int = 1, points: int = 120, noise_px: float = 0.15, seed: int = 0
) -> np.ndarray:
    """Write `walls` rails of columns x rows photos 1 m from a wall each; returns true centres (n, 3) in metres, wall by wall.

    points: on a wall, for each photo's step. The one camera of all photos has the true focal length and distortion.
    """
    random = np.random.default_rng(seed)
    centres = []
    with pycolmap.Database.open(str(database)) as opened:
        lens = [FOCAL, WIDTH / 2, HEIGHT / 2, RADIAL]
        camera = pycolmap.Camera(model="SIMPLE_RADIAL", width=WIDTH, height=HEIGHT, params=lens, has_prior_focal_length=True)
        camera.camera_id = opened.write_camera(camera)
        rig = pycolmap.Rig()
        rig.add_ref_sensor(camera.sensor_id)
        rig_id = opened.write_rig(rig)
        for wall in range(walls):
            first_id = 1 + wall * columns * rows
            stations, seen = _photographed(columns, rows, points, noise_px, random)
            centres.append(stations)
            for image_id, (_, places) in enumerate(seen, first_id):
                opened.write_image(
                    pycolmap.Image(name=f"{image_id:04}", camera_id=camera.camera_id, image_id=image_id), use_image_id=True
                )
                frame = pycolmap.Frame()
                frame.rig_id, frame.frame_id = rig_id, image_id
                frame.add_data_id(pycolmap.data_t(camera.sensor_id, image_id))
                opened.write_frame(frame, use_frame_id=True)
                opened.write_keypoints(image_id, places.astype(np.float32))
            _write_pairs(opened, first_id, [rows_seen for rows_seen, _ in seen])
    return np.concatenate(centres)


def placed_centres(model: pycolmap.Reconstruction) -> np.ndarray:
    """Centres (n, 3) of the placed photos, in their order."""
    return np.array([model.images[image_id].projection_center() for image_id in sorted(model.reg_image_ids())])


def rmse_mm(model: pycolmap.Reconstruction, truth: np.ndarray) -> float:
    """RMSE of the placed centres after a similarity; truth (n, 3) of all photos, in metres."""
    found, true = placed_centres(model), truth[np.array(sorted(model.reg_image_ids())) - 1]
    return 1000 * float(np.sqrt(((align_similarity(found, true).forward(found) - true) ** 2).sum(axis=1).mean()))


def _photographed(
    columns: int, rows: int, density: int, noise_px: float, random: np.random.Generator
) -> tuple[np.ndarray, list[tuple[np.ndarray, np.ndarray]]]:
    """Centres (n, 3), and of each photo the points (k,) that it sees with their places (k, 2) px."""
    step_x, step_z = 0.42 * WIDTH / FOCAL, 0.45 * HEIGHT / FOCAL
    column, row = (part.ravel() for part in np.meshgrid(np.arange(columns), np.arange(rows)))
    centres = np.column_stack([column * step_x, np.full(len(column), -1.0), row * step_z])
    centres += 0.01 * random.standard_normal(centres.shape)
    count = density * columns * rows
    x, z = random.uniform((-0.5, -0.3), (columns * step_x + 0.2, rows * step_z + 0.1), (count, 2)).T
    wall = np.column_stack([x, 0.02 * np.sin(3 * x) * np.cos(4 * z) + 0.0006 * random.standard_normal(count), z])
    seen = []
    for centre in centres:
        turn = Rotation.from_rotvec(np.radians(1.0) * random.standard_normal(3)).as_matrix() @ LEVEL
        inside = (wall - centre) @ turn.T
        plane = inside[:, :2] / inside[:, 2:]
        places = FOCAL * (1 + RADIAL * (plane**2).sum(axis=1, keepdims=True)) * plane + (WIDTH / 2, HEIGHT / 2)
        kept = np.flatnonzero(((places > 0) & (places < (WIDTH, HEIGHT))).all(axis=1) & (random.random(count) < 0.9))
        seen.append((kept, places[kept] + noise_px * random.standard_normal((len(kept), 2))))
    return centres, seen


def _write_pairs(database: pycolmap.Database, first_id: int, seen: list[np.ndarray]) -> None:
    for first, ours in enumerate(seen):
        for second in range(first + 1, len(seen)):
            _, left, right = np.intersect1d(ours, seen[second], assume_unique=True, return_indices=True)
            if len(left) < LEAST_SHARED:
                continue
            matches = np.column_stack([left, right]).astype(np.uint32)
            geometry = pycolmap.TwoViewGeometry(config=pycolmap.TwoViewGeometryConfiguration.CALIBRATED, inlier_matches=matches)
            database.write_matches(first_id + first, first_id + second, matches)
            database.write_two_view_geometry(first_id + first, first_id + second, geometry)
