"""The truth of a wall that was made: cameras, surface and painting, in files beside the photos."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ..contract import bad_input, from_flat, to_flat
from ..contract.options import MakeWallOptions

FORMAT = "grotto wall truth"
TRUTH_FILE = "truth/truth.json"
WALL_FILE = "truth/wall.npz"
CROPS_MM_PER_PIXEL = 0.5  # how large the painted things are in crops
ORTHOPHOTO_FILE = "truth/orthophoto.png"

Array = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class CameraTruth:
    """One lens. `model` is COLMAP's name; SIMPLE_RADIAL has the parameters f, cx, cy, k."""

    model: str
    width: int
    height: int
    focal_px: float
    cx: float
    cy: float
    radial: float


@dataclass(frozen=True, kw_only=True)
class PhotoTruth:
    """One photo: who took it and from where. Metres on the rail; painting pixels in crops."""

    name: str
    camera: int  # index into the cameras
    camera_from_world: tuple[tuple[float, ...], ...]  # 3 x 4, OpenCV axes
    row: int
    column: int
    offset_px: tuple[int, int] | None  # crops: the window's left and top in the painting

    def matrix(self) -> Array:
        """camera_from_world as (3, 4)."""
        return np.array(self.camera_from_world, dtype=np.float64)

    def centre(self) -> Array:
        """The camera's centre (3,) in the wall's frame."""
        camera_from_world = self.matrix()
        return -camera_from_world[:, :3].T @ camera_from_world[:, 3]


@dataclass(frozen=True, kw_only=True)
class OrthophotoTruth:
    """Where the true orthophoto lies: outer corner of its top left pixel, and pixel size, in units."""

    x_min: float
    z_max: float
    pixel: float
    width: int
    height: int


@dataclass(frozen=True, kw_only=True)
class WallTruth:
    """Everything that is known of a made wall. Wall frame: x along the wall, z up, wall near y = 0, cameras at negative y."""

    folder: Path
    units: str  # "m" on the rail; "px" of the painting in crops
    focal_observable: bool
    cameras: tuple[CameraTruth, ...]
    photos: tuple[PhotoTruth, ...]
    orthophoto: OrthophotoTruth
    options: MakeWallOptions

    @property
    def mm_per_unit(self) -> float:
        """Millimetres on the wall in a unit of the truth; crops have only a nominal scale."""
        return 1000.0 if self.units == "m" else CROPS_MM_PER_PIXEL

    def photo(self, name: str) -> PhotoTruth | None:
        """The photo of that file name, or None."""
        return next((photo for photo in self.photos if photo.name == name), None)

    def read_wall(self) -> tuple[Array, Array, Array]:
        """The surface: x (n,), z (m,) ascending and y (m, n), bilinear in between."""
        with np.load(self.folder / WALL_FILE) as data:
            return data["x"].astype(np.float64), data["z"].astype(np.float64), data["y"].astype(np.float64)

    def read_orthophoto(self) -> NDArray[np.uint8]:
        """The true orthophoto (h, w, 3) RGB."""
        data = cv2.imread(str(self.folder / ORTHOPHOTO_FILE), cv2.IMREAD_COLOR_RGB)
        if data is None:
            raise bad_input(f"{ORTHOPHOTO_FILE} is missing or damaged", "make the wall again")
        return data.astype(np.uint8, copy=False)


def begin_truth(folder: Path) -> None:
    """Mark the folder as ours before the work starts, so that a broken run can be repeated in it."""
    (folder / TRUTH_FILE).parent.mkdir(parents=True, exist_ok=True)
    (folder / TRUTH_FILE).write_text(json.dumps({"format": FORMAT, "finished": False}) + "\n", encoding="utf-8")


def is_ours(folder: Path) -> bool:
    """Whether `make_wall` made this folder, finished or not."""
    try:
        data = json.loads((folder / TRUTH_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(data, dict) and data.get("format") == FORMAT


def write_truth(truth: WallTruth) -> None:
    """Write truth.json, under a temporary name first."""
    data: dict[str, Any] = {"format": FORMAT, "finished": True, "units": truth.units, "focal_observable": truth.focal_observable}
    data["frame"] = "x along the wall, z up, wall near y = 0, cameras at negative y"
    data["cameras"] = [dataclasses.asdict(camera) for camera in truth.cameras]
    data["photos"] = [dataclasses.asdict(photo) for photo in truth.photos]
    data["wall"] = {"file": WALL_FILE}
    data["orthophoto"] = {"file": ORTHOPHOTO_FILE, **dataclasses.asdict(truth.orthophoto)}
    data["options"] = to_flat(truth.options)
    path = truth.folder / TRUTH_FILE
    temporary = path.with_name(".truth.part")
    temporary.write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")
    temporary.replace(path)


def read_truth(folder: Path) -> WallTruth:
    """The truth of a folder that `make_wall` made. Raises bad input where it did not, or did not finish."""
    if not is_ours(folder):
        raise bad_input(f"{folder} holds no truth of a made wall", "give a folder made by grotto make-wall")
    data = json.loads((folder / TRUTH_FILE).read_text(encoding="utf-8"))
    if not data["finished"]:
        raise bad_input(f"the wall in {folder} was not finished", "run grotto make-wall again")
    ortho = {key: value for key, value in data["orthophoto"].items() if key != "file"}
    return WallTruth(
        folder=folder,
        units=data["units"],
        focal_observable=data["focal_observable"],
        cameras=tuple(CameraTruth(**camera) for camera in data["cameras"]),
        photos=tuple(_photo(photo) for photo in data["photos"]),
        orthophoto=OrthophotoTruth(**ortho),
        options=from_flat(MakeWallOptions, data["options"]),
    )


def _photo(data: dict[str, Any]) -> PhotoTruth:
    offset = data["offset_px"]
    camera_from_world = tuple(tuple(row) for row in data["camera_from_world"])
    return PhotoTruth(**{**data, "camera_from_world": camera_from_world, "offset_px": tuple(offset) if offset else None})
