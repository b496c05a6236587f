"""Six small pictures with alpha of a checkered egg, cast exactly, with their cameras: the least that a scan begins with."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from made_job import png

MIDDLE, RADII = np.array([0.3, -0.2, 0.4]), np.array([0.6, 0.42, 0.5])
PX, FOCAL_PX = 96, 150.0
DISTANCE = 2.6


def world_from_camera(place: np.ndarray) -> np.ndarray:
    """(4, 4) in OpenGL's axes: x right, y up, z backwards; the camera looks at the egg, z is up."""
    back = (place - MIDDLE) / np.linalg.norm(place - MIDDLE)
    right = np.cross([0.0, 0.0, 1.0], back)
    right /= np.linalg.norm(right)
    matrix = np.eye(4)
    matrix[:3] = np.column_stack([right, np.cross(back, right), back, place])
    return matrix


def picture(matrix: np.ndarray) -> np.ndarray:
    """(h, w, 4) uint8: the egg from there, transparent beside it."""
    row, column = np.mgrid[:PX, :PX] + 0.5
    looks = np.stack([(column - PX / 2) / FOCAL_PX, -(row - PX / 2) / FOCAL_PX, -np.ones((PX, PX))], axis=-1)
    towards, start = looks @ matrix[:3, :3].T / RADII, (matrix[:3, 3] - MIDDLE) / RADII
    square, half, rest = (towards**2).sum(-1), towards @ start, start @ start - 1
    under = half**2 - square * rest
    met = start + towards * ((-half - np.sqrt(np.maximum(under, 0))) / square)[..., None]
    odd = (np.floor(met * 4).astype(int).sum(-1) % 2).astype(bool)
    colour = np.where(odd[..., None], [230, 180, 40], [30, 60, 160])
    return np.dstack([colour, np.where(under > 0, 255, 0)]).astype(np.uint8)


def draw_egg(folder: Path) -> Path:
    """Photos and transforms.json below `folder`."""
    (folder / "photos").mkdir(parents=True)
    frames = []
    for number in range(6):
        angle, height = np.radians(60 * number + 30), 1.1 if number % 2 else -0.8
        matrix = world_from_camera(MIDDLE + DISTANCE * np.array([np.cos(angle), np.sin(angle), height / DISTANCE]))
        png(folder / "photos" / f"{number}.png", picture(matrix))
        frames.append({"file_path": f"photos/{number}.png", "transform_matrix": matrix.tolist()})
    lens = {"fl_x": FOCAL_PX, "fl_y": FOCAL_PX, "cx": PX / 2, "cy": PX / 2, "w": PX, "h": PX}
    (folder / "transforms.json").write_text(json.dumps({**lens, "frames": frames}), encoding="utf-8")
    return folder
