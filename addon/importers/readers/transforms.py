"""Read cameras from transforms.json (nerfstudio's layout), and convert them to Blender's lens and shift."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ....backend.grotto.contract import bad_input

SENSOR_MM = 36.0


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
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        return [_camera({**data, **frame}, path.parent) for frame in data["frames"]]
    except (ValueError, KeyError, TypeError) as error:
        raise bad_input(f"{path.name} does not describe cameras ({error})", "make it again") from error


def _camera(frame: dict[str, Any], folder: Path) -> PinholeCamera:
    matrix = np.array(frame["transform_matrix"], dtype=np.float64)
    if matrix.shape == (3, 4):
        matrix = np.vstack([matrix, [0.0, 0.0, 0.0, 1.0]])
    if matrix.shape != (4, 4) or not np.isfinite(matrix).all():
        raise ValueError("a transform_matrix is not 4 by 4")
    return PinholeCamera(
        name=frame.get("colmap_name") or Path(frame["file_path"]).name,
        photo=folder / frame["file_path"],
        world_from_camera=matrix,
        width=int(frame["w"]),
        height=int(frame["h"]),
        focal_x_px=float(frame["fl_x"]),
        focal_y_px=float(frame.get("fl_y", frame["fl_x"])),
        centre_x_px=float(frame.get("cx", frame["w"] / 2)),
        centre_y_px=float(frame.get("cy", frame["h"] / 2)),
    )
