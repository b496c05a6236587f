"""Read cameras from transforms.json (nerfstudio's layout), and convert them to Blender's lens and shift."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ....backend.grotto.contract import malformed_as_bad_input, parse_json

SENSOR_MM = 36.0
_SHARED = ("w", "h", "fl_x", "fl_y", "cx", "cy")
_MOST_PHOTOS, _MOST_PIXELS, _MOST_FOCAL = 50_000, 1_000_000, 1e9


@dataclass(frozen=True)
class PinholeCamera:
    """A photo's camera. Axes as in OpenGL and Blender: x right, y up, the camera looks along -z.

    The principal point counts from the photo's outer top left corner: its first pixel's centre is (0.5, 0.5).
    """

    name: str  # the user's own file name
    photo: Path
    world_from_camera: NDArray[np.float64]  # (4, 4)
    width: int
    height: int
    focal_x_px: float
    focal_y_px: float
    centre_x_px: float
    centre_y_px: float

    @property
    def lens_mm(self) -> float:
        return self.focal_x_px * SENSOR_MM / self.width

    @property
    def shift_x(self) -> float:
        """In units of the width, as Blender counts where the sensor fits horizontally."""
        return (self.width / 2 - self.centre_x_px) / self.width

    @property
    def shift_y(self) -> float:
        return (self.centre_y_px - self.height / 2) / self.width * (self.focal_x_px / self.focal_y_px)

    @property
    def pixel_aspect(self) -> tuple[float, float]:
        """The render settings' pixel aspect x and y; neither may be below 1."""
        ratio = self.focal_x_px / self.focal_y_px
        return (1.0, ratio) if ratio >= 1.0 else (1.0 / ratio, 1.0)


def read_transforms(path: Path) -> list[PinholeCamera]:
    """Read all cameras of the file. Values missing in a frame come from the top of the document. Raises ProblemError."""
    data = path.read_bytes()
    with malformed_as_bad_input(f"{path.name} does not describe cameras", "make it again"):
        document = parse_json(data)
        shared = {key: document[key] for key in _SHARED if key in document}
        frames = document["frames"]
        if not isinstance(frames, list) or len(frames) > _MOST_PHOTOS:
            raise ValueError(f"its frames are no list, or more than {_MOST_PHOTOS:,}")
        return [_camera({**shared, **frame}, path.parent) for frame in frames]


def _camera(frame: dict[str, Any], folder: Path) -> PinholeCamera:
    matrix = np.array(frame["transform_matrix"], dtype=np.float64)
    if matrix.shape == (3, 4):
        matrix = np.vstack([matrix, [0.0, 0.0, 0.0, 1.0]])
    if matrix.shape != (4, 4) or not np.isfinite(matrix).all():
        raise ValueError("a transform_matrix is not 4 by 4")
    file_path, name = frame["file_path"], frame.get("colmap_name") or ""
    if not isinstance(file_path, str) or not isinstance(name, str) or "\0" in file_path + name:
        raise ValueError("the name of a photo is no name")
    width, height, focal_x = int(frame["w"]), int(frame["h"]), float(frame["fl_x"])
    camera = PinholeCamera(
        name=name or Path(file_path).name,
        photo=folder / file_path,
        world_from_camera=matrix,
        width=width,
        height=height,
        focal_x_px=focal_x,
        focal_y_px=float(frame.get("fl_y", focal_x)),
        centre_x_px=float(frame.get("cx", width / 2)),
        centre_y_px=float(frame.get("cy", height / 2)),
    )
    focals, centre = (camera.focal_x_px, camera.focal_y_px), (camera.centre_x_px, camera.centre_y_px)
    if not all(0 < size <= _MOST_PIXELS for size in (width, height)) or not all(0 < size <= _MOST_FOCAL for size in focals):
        raise ValueError(f"the lens of {file_path} has no size or no focal length")
    if not all(abs(place) <= _MOST_FOCAL for place in centre):
        raise ValueError(f"the lens of {file_path} has no middle")
    return camera
