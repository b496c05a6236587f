"""Photos without lens distortion: one pinhole picture a photo, with what of it is the subject."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import cv2
import numpy as np
import pycolmap
from numpy.typing import NDArray

from ..contract import Progress
from ..formats import PhotoCamera
from ..photos import Photo, natural_key, read_image, read_opacity
from ..sfm.wall import Pinhole, pinhole_of, undistortion_map

JPEG_QUALITY = 95
JUDGED_PX = 512  # longer side of the alpha that is kept in memory

Pixels = NDArray[Any]  # uint8 or float32
Maps = tuple[NDArray[np.float32], NDArray[np.float32]] | None  # None: the photo is a pinhole picture already


@dataclass(frozen=True)
class Straight:
    """One picture as it was written."""

    photo: Photo
    camera: PhotoCamera
    mask: str  # relative; "" where none was written
    alpha: NDArray[np.float32] | None  # (h, w), reduced to JUDGED_PX


def straighten(
    photos: Sequence[Photo], model: pycolmap.Reconstruction, with_alpha: bool, folder: Path, report: Progress
) -> list[Straight]:
    """Write every placed photo below `photos/` under its own name, in the order of names.

    Pictures with alpha become PNG with alpha, others JPEG, with the mask below `masks/`. Without `with_alpha` nothing is left
    out, and transparent pixels turn white. Photos that are pinhole pictures already keep their pixels.
    """
    images = sorted(
        (image for image in model.images.values() if image.has_pose), key=lambda image: natural_key(_photo(photos, image).name)
    )
    lenses = {number: pinhole_of(camera, 0) for number, camera in model.cameras.items()}
    maps = {number: _maps(model.cameras[number], lens) for number, lens in lenses.items()}
    stems = _stems([_photo(photos, image).name for image in images])

    def work(image: pycolmap.Image, stem: str) -> Straight:
        photo, lens = _photo(photos, image), lenses[image.camera_id]
        name, mask, alpha = _write(photo, maps[image.camera_id], with_alpha, stem, folder)
        world_from_camera = np.vstack([image.cam_from_world().inverse().matrix(), [0, 0, 0, 1]])
        return Straight(photo, _camera(name, photo.name, lens, world_from_camera), mask, alpha)

    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        waiting = [pool.submit(work, image, stem) for image, stem in zip(images, stems, strict=True)]
        try:
            made = []
            for number, future in enumerate(waiting):
                report(number / len(waiting), f"photo {number + 1} of {len(waiting)}")
                made.append(future.result())
        finally:
            for future in waiting:
                future.cancel()
    return made


def _photo(photos: Sequence[Photo], image: pycolmap.Image) -> Photo:
    return photos[image.image_id - 1]


def _maps(camera: pycolmap.Camera, lens: Pinhole) -> Maps:
    """Where each pixel of the pinhole picture lies in the photo, or None where that is its own place."""
    column, row = undistortion_map(camera, lens)
    own_column, own_row = np.meshgrid(np.arange(lens.width), np.arange(lens.height))
    same = max(float(np.abs(column - own_column).max()), float(np.abs(row - own_row).max())) < 0.01
    return None if same else (column, row)


def _write(photo: Photo, maps: Maps, with_alpha: bool, stem: str, folder: Path) -> tuple[str, str, NDArray[np.float32] | None]:
    """Writes picture and mask; returns their names and the reduced alpha."""
    colour = read_image(photo)
    opacity = read_opacity(photo) if photo.transparent or (with_alpha and photo.mask) else None
    if opacity is None:
        return _encode(folder, f"photos/{stem}.jpg", _remapped(colour, maps)), "", None
    if maps is not None and photo.transparent:
        # colours are weighted with alpha, so that what lies behind an edge does not bleed into it
        weighted = _remapped(np.dstack([colour * opacity[..., None], opacity]).astype(np.float32), maps)
        opacity = np.clip(weighted[..., 3], 0, 1)
        colour = np.clip(weighted[..., :3] / np.maximum(opacity, 1e-4)[..., None] + 0.5, 0, 255).astype(np.uint8)
    elif maps is not None:
        colour = _remapped(colour, maps)
        opacity = np.clip(_remapped(opacity, maps), 0, 1)
    if not with_alpha:
        flat = colour * opacity[..., None] + 255 * (1 - opacity[..., None])
        return _encode(folder, f"photos/{stem}.jpg", (flat + 0.5).astype(np.uint8)), "", None
    grey = (opacity * 255 + 0.5).astype(np.uint8)
    if photo.transparent:
        return _encode(folder, f"photos/{stem}.png", np.dstack([colour, grey])), "", _usable(opacity)
    picture = _encode(folder, f"photos/{stem}.jpg", colour)
    return picture, _encode(folder, f"masks/{stem}.png", grey), _usable(opacity)


def _remapped(picture: Pixels, maps: Maps) -> Pixels:
    if maps is None:
        return picture
    # cubic rings at the edges of alpha; colours without alpha gain from its sharpness
    way = cv2.INTER_CUBIC if picture.dtype == np.uint8 else cv2.INTER_LINEAR
    return np.asarray(cv2.remap(picture, *maps, way, borderMode=cv2.BORDER_REPLICATE))


def _usable(opacity: NDArray[np.float32]) -> NDArray[np.float32]:
    factor = JUDGED_PX / max(opacity.shape)
    if factor >= 1:
        return opacity
    size = (max(1, round(opacity.shape[1] * factor)), max(1, round(opacity.shape[0] * factor)))
    return np.asarray(cv2.resize(opacity, size, interpolation=cv2.INTER_AREA), np.float32)


def _encode(folder: Path, name: str, picture: Pixels) -> str:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    order = {3: cv2.COLOR_RGB2BGR, 4: cv2.COLOR_RGBA2BGRA}
    pixels = cv2.cvtColor(np.asarray(picture, np.uint8), order[picture.shape[2]]) if picture.ndim == 3 else picture
    settings = [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY] if name.endswith(".jpg") else [cv2.IMWRITE_PNG_COMPRESSION, 3]
    path.write_bytes(cv2.imencode(path.suffix, pixels, settings)[1].tobytes())
    return name


def _stems(names: Sequence[str]) -> list[str]:
    """Names without extension in the user's own folders; photos that differ by extension alone keep theirs."""
    stems = [str(PurePosixPath(name).with_suffix("")) for name in names]
    return [stem if stems.count(stem) == 1 else name for stem, name in zip(stems, names, strict=True)]


def _camera(file: str, photo: str, lens: Pinhole, world_from_camera: NDArray[np.float64]) -> PhotoCamera:
    return PhotoCamera(
        file_path=file,
        photo_name=photo,
        width=lens.width,
        height=lens.height,
        focal_x=lens.focal_px,
        focal_y=lens.focal_px,
        centre_x=lens.width / 2,
        centre_y=lens.height / 2,
        world_from_camera=world_from_camera,
    )
