"""Views: pictures without lens distortion, their cameras, what of them is the subject, and where in the world it is."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ..contract import bad_input
from ..formats import NO_SHIFT, Artefact, PhotoCamera, PointCloud, Shift, read_points_ply, read_transforms
from ..photos import PictureError, stored_picture
from ..scene import Camera, Region, View

CAMERAS = "transforms.json"
_RESERVE = 2  # a JPEG is decoded at least so many times as large as it is wanted


@dataclass(frozen=True, kw_only=True)
class ViewFile:
    """One view on disk; its camera stands in transforms.json at the same position."""

    name: str  # the user's name for the photo
    mask: str  # relative; "" where the picture has its own alpha or belongs to the scene as a whole
    heldout: bool  # kept out of every fit, to judge the result


@dataclass(frozen=True, kw_only=True)
class ViewSet(Artefact):
    """The views of a scan in the order of their names."""

    files: tuple[ViewFile, ...]
    cameras: str  # transforms.json, relative; its file_path are the pictures
    photos: str  # folder of the pictures, relative
    region: Region
    cloud: str  # sparse points as PLY, relative; "" where there are none
    given: bool  # cameras and frame are the user's own
    view_px: int  # longer side at which fits look at the pictures
    world_shift: Shift = NO_SHIFT  # to be added to coordinates here for those of the given cameras
    subject: Region | None = None  # of a scene: the box of what the cameras look at together, where they do
    all_round: bool = False  # the cameras stand on all sides of that subject, and more lies around it
    subject_given: bool = False  # the user gave that box

    @property
    def count(self) -> int:
        """Views that fits may use."""
        return sum(not file.heldout for file in self.files)

    def read_cameras(self, heldout: bool = False) -> list[Camera]:
        """Cameras of the views for fitting, or of those held out."""
        cameras = read_transforms(self.folder / self.cameras)
        return [camera_of(camera) for camera, file in zip(cameras, self.files, strict=True) if file.heldout == heldout]

    def read_cloud(self) -> PointCloud | None:
        """The sparse points, or None where there are none."""
        return read_points_ply(self.folder / self.cloud) if self.cloud else None

    def load(self, longest_px: int | None = None, heldout: bool = False) -> list[View]:
        """The views for fitting, or those held out, with the longer side at most `longest_px`.

        None takes `view_px`, 0 the pictures as large as they are.

        Alpha is there for a bounded object only: in a scene every pixel counts.
        """
        cameras = read_transforms(self.folder / self.cameras)
        most = self.view_px if longest_px is None else longest_px
        return [
            _load(self.folder, camera, file, most, self.region.bounded)
            for camera, file in zip(cameras, self.files, strict=True)
            if file.heldout == heldout
        ]


def camera_of(camera: PhotoCamera) -> Camera:
    """A camera of transforms.json as renderers take it."""
    return Camera(
        camera_from_world=np.asarray(np.linalg.inv(camera.world_from_camera), np.float64),
        focal_x=camera.focal_x,
        focal_y=camera.focal_y,
        centre_x=camera.centre_x,
        centre_y=camera.centre_y,
        width=camera.width,
        height=camera.height,
    )


def _load(folder: Path, placed: PhotoCamera, file: ViewFile, longest_px: int, bounded: bool) -> View:
    try:
        colour, alpha = _pixels(folder / placed.file_path, longest_px)
        if file.mask:
            alpha = _grey(folder / file.mask, (colour.shape[1], colour.shape[0]))
    except PictureError as error:
        raise bad_input(f"the picture of {file.name} can no longer be read ({error})", "start the job again") from error
    camera = camera_of(placed).resized(colour.shape[1], colour.shape[0])
    view = View(name=file.name, camera=camera, colour=colour, alpha=alpha if bounded else None)
    return view.fitted(longest_px) if longest_px else view


def _pixels(path: Path, longest_px: int) -> tuple[NDArray[np.float32], NDArray[np.float32] | None]:
    values = np.asarray(stored_picture(path, _RESERVE * longest_px), np.float32) / np.float32(255)
    if values.shape[2] == 4:
        return np.ascontiguousarray(values[..., :3]), np.ascontiguousarray(values[..., 3])
    return values, None


def _grey(path: Path, size: tuple[int, int]) -> NDArray[np.float32]:
    grey = stored_picture(path).convert("L")
    if grey.size != size:
        grey = grey.resize(size, Image.Resampling.BOX)
    return np.asarray(grey, np.float32) / np.float32(255)
