"""Datasets in the manner of LLFF (Mildenhall et al. 2019): a folder of pictures and their cameras as one array."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..contract import bad_input
from .transforms import PhotoCamera

CAMERAS_FILE = "poses_bounds.npy"  # the name that readers of such datasets look for


def write_llff(folder: Path, cameras: Sequence[PhotoCamera], bounds: NDArray[np.floating]) -> None:
    """Write the array of cameras beside `folder`/images, whose pictures in the order of their names are the cameras'.

    A row of 17 numbers a picture: world_from_camera with the axes down, right and backwards (3 x 4), a column of height, width
    and focal length in px (so 3 x 5, row by row), then the nearest and farthest depth of what is seen (`bounds` (n, 2)). Pixels
    are square there and the principal point is the middle; raises bad input where a camera has others.
    """
    rows = []
    for camera, near_far in zip(cameras, bounds, strict=True):
        off = abs(camera.centre_x - camera.width / 2) + abs(camera.centre_y - camera.height / 2)
        if abs(camera.focal_x - camera.focal_y) > 1e-3 * camera.focal_x or off > 1e-3 * camera.width:
            raise bad_input(
                f"the camera of {camera.photo_name} does not look through its picture's middle", "use transforms.json"
            )
        turn, place = camera.world_from_camera[:3, :3], camera.world_from_camera[:3, 3:]
        axes = np.stack([turn[:, 1], turn[:, 0], -turn[:, 2]], axis=1)
        size = np.array([[camera.height], [camera.width], [camera.focal_x]])
        rows.append(np.concatenate([np.concatenate([axes, place, size], axis=1).reshape(-1), near_far]))
    np.save(folder / CAMERAS_FILE, np.stack(rows))
