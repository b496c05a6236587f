"""Photos of a wavy wall from a rail as bare observations, from one lens or two, with exact truth."""

from __future__ import annotations

import numpy as np
from scipy.spatial.transform import Rotation

from grotto.sfm.lenses import Bundle

WIDTH, HEIGHT, FOCAL, RADIAL = 600, 400, 650.0, -0.03
LEVEL = np.array([[1.0, 0, 0], [0, 0, -1], [0, 1, 0]])


def rail_bundle(second: np.ndarray, ratio: float, seed: int = 0, noise_px: float = 0.03, relief_m: float = 0.02) -> Bundle:
    """Nine photos in rows of three, 1 m from the wall; those of `second` (9,) have `ratio` times the focal length."""
    random = np.random.default_rng(seed)
    step_x, step_z = 0.42 * WIDTH / FOCAL, 0.45 * HEIGHT / FOCAL
    place = [np.array([column * step_x, -1.0, row * step_z]) + 0.01 * random.standard_normal(3)
             for row in range(3) for column in range(3)]  # fmt: skip
    rotations = Rotation.from_rotvec(np.radians(1.0) * random.standard_normal((9, 3))).as_matrix() @ LEVEL
    translations = -np.einsum("nij,nj->ni", rotations, np.array(place))
    x, z = random.uniform((-0.5, -0.3), (2 * step_x + 0.5, 2 * step_z + 0.3), (1500, 2)).T
    points = np.column_stack([x, relief_m * np.sin(3 * x) * np.cos(4 * z) + 0.0006 * random.standard_normal(1500), z])
    focals = np.where(second, ratio * FOCAL, FOCAL)
    photo, point, seen = [], [], []
    for index in range(9):
        camera = points @ rotations[index].T + translations[index]
        plane = camera[:, :2] / camera[:, 2:]
        bent = focals[index] * (1 + RADIAL * (plane**2).sum(axis=1, keepdims=True)) * plane + (WIDTH / 2, HEIGHT / 2)
        inside = np.flatnonzero(((bent > 0) & (bent < (WIDTH, HEIGHT))).all(axis=1))
        photo += [index] * len(inside)
        point += inside.tolist()
        seen.append(bent[inside] + noise_px * random.standard_normal((len(inside), 2)))
    rows, places = np.array(point), np.concatenate(seen)
    often = np.bincount(rows, minlength=len(points))[rows] > 1
    kept, rows = np.unique(rows[often], return_inverse=True)
    lens = second.astype(np.int64)
    return Bundle(
        image_ids=np.arange(1, 10), lens_ids=np.arange(1, int(lens.max()) + 2), rotations=rotations,
        translations=translations, lens=lens,
        log_focal=np.log([FOCAL, ratio * FOCAL][: int(lens.max()) + 1]), radial=np.full(int(lens.max()) + 1, RADIAL),
        middles=np.tile([WIDTH / 2, HEIGHT / 2], (9, 1)), point_ids=kept, points=points[kept],
        photo=np.array(photo)[often], point=rows, places=places[often],
    )  # fmt: skip
