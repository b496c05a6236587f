"""Photos without lens distortion, and their pinhole cameras: what Blender can look through."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import cv2
import numpy as np
import pycolmap
from numpy.typing import NDArray

from ...contract import Progress
from ...contract.options import UndistortOptions
from ...formats import Artefact, PhotoCamera, write_transforms
from ...photos import Photo, PhotoSet, read_image
from .frame import WallFrame

JPEG_QUALITY = 93


@dataclass(frozen=True, kw_only=True)
class Undistorted(Artefact):
    """A folder of pinhole photos (fx = fy, principal point in the centre) and their cameras in the wall frame."""

    photos: str
    cameras: str  # transforms.json, relative
    count: int


def forecast_undistort(frame: WallFrame, photos: PhotoSet, options: UndistortOptions) -> int:
    """Bytes: source, maps and result of a photo on every core."""
    largest = max(photo.width * photo.height for photo in photos.photos)
    return 200_000_000 + largest * (3 + 3 + 8 + 16) * (os.cpu_count() or 1)


def undistort_photos(
    frame: WallFrame, photos: PhotoSet, options: UndistortOptions, folder: Path, report: Progress
) -> Undistorted:
    """Write every placed photo without distortion as JPEG under its own name, and transforms.json beside them."""
    model = frame.read_model()
    images = sorted((image for image in model.images.values() if image.has_pose), key=lambda image: image.image_id)
    lenses = {camera_id: pinhole_of(camera, options.undistorted_px) for camera_id, camera in model.cameras.items()}
    maps = {camera_id: undistortion_map(model.cameras[camera_id], lens) for camera_id, lens in lenses.items()}
    names = _file_names([photos.photos[image.image_id - 1] for image in images])

    def undistort(image: pycolmap.Image, name: str) -> None:
        picture = read_image(photos.photos[image.image_id - 1])
        column, row = maps[image.camera_id]
        straight = cv2.remap(picture, column, row, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        encoded = cv2.imencode(".jpg", cv2.cvtColor(straight, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])[1]
        path.write_bytes(encoded.tobytes())

    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        work = [pool.submit(undistort, image, name) for image, name in zip(images, names, strict=True)]
        try:
            for number, future in enumerate(work):
                report(number / len(work), f"photo {number + 1} of {len(work)}")
                future.result()
        finally:
            for future in work:
                future.cancel()
    write_transforms(folder / "transforms.json", list(_cameras(images, names, lenses)))
    return Undistorted(folder=folder, photos="photos", cameras="transforms.json", count=len(images))


@dataclass(frozen=True)
class Pinhole:
    """A camera without distortion, its principal point in the centre."""

    width: int
    height: int
    focal_px: float


def pinhole_of(camera: pycolmap.Camera, longest_px: int) -> Pinhole:
    """The pinhole camera of the photo's own size (or `longest_px` at most) whose frame the photo fills without gaps."""
    border = np.concatenate(
        [np.column_stack([np.linspace(0, camera.width, 65), np.full(65, edge)]) for edge in (0.0, float(camera.height))]
        + [np.column_stack([np.full(65, edge), np.linspace(0, camera.height, 65)]) for edge in (0.0, float(camera.width))]
    )
    rays = np.abs(camera.cam_from_img(border))
    # the narrowest reach of the photo's own border, each side measured where it is a side
    reach_x = rays[130:].min(axis=0)[0]
    reach_y = rays[:130].min(axis=0)[1]
    focal = max(camera.width / 2 / reach_x, camera.height / 2 / reach_y)
    factor = min(1.0, longest_px / max(camera.width, camera.height)) if longest_px else 1.0
    width, height = round(camera.width * factor), round(camera.height * factor)
    return Pinhole(width, height, float(focal * factor))


def undistortion_map(camera: pycolmap.Camera, lens: Pinhole) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """For each pixel of the pinhole photo, column and row in the distorted one, in OpenCV's pixel convention."""
    column, row = np.meshgrid(np.arange(lens.width) + 0.5, np.arange(lens.height) + 0.5)
    x = (column - lens.width / 2) / lens.focal_px
    y = (row - lens.height / 2) / lens.focal_px
    rays = np.stack([x, y, np.ones_like(x)], axis=-1).reshape(-1, 3)
    place = np.concatenate([camera.img_from_cam(part) for part in np.array_split(rays, max(1, len(rays) // 2_000_000))])
    # OpenCV puts the first pixel's centre at 0, COLMAP at 0.5
    place = place.reshape(lens.height, lens.width, 2).astype(np.float32) - np.float32(0.5)
    return place[..., 0], place[..., 1]


def _file_names(photos: list[Photo]) -> list[str]:
    """photos/NAME.jpg in the user's own folders; photos that differ by suffix alone keep theirs inside the name."""
    stems = [str(PurePosixPath(photo.name).with_suffix("")) for photo in photos]
    return [f"photos/{stem if stems.count(stem) == 1 else photo.name}.jpg" for stem, photo in zip(stems, photos, strict=True)]


def _cameras(images: list[pycolmap.Image], names: list[str], lenses: dict[int, Pinhole]) -> Iterator[PhotoCamera]:
    for image, name in zip(images, names, strict=True):
        lens = lenses[image.camera_id]
        camera_from_world = image.cam_from_world()
        world_from_camera = np.vstack([camera_from_world.inverse().matrix(), [0, 0, 0, 1]])
        yield PhotoCamera(
            file_path=name,
            photo_name=image.name,
            width=lens.width,
            height=lens.height,
            focal_x=lens.focal_px,
            focal_y=lens.focal_px,
            centre_x=lens.width / 2,
            centre_y=lens.height / 2,
            world_from_camera=world_from_camera,
        )
