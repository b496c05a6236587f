"""Features: SIFT points of every photo, in a COLMAP database in which like photos share one camera."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import pycolmap
from numpy.typing import NDArray

from ...contract import Progress, bad_input
from ...contract.options import FeatureOptions
from ...formats import Artefact
from ...photos import Photo, PhotoSet, left_out_clause, read_image, read_mask

DATABASE = "database.db"
AT_ONCE, BATCH = 2, 4  # photos side by side, and those between two looks at whether the user stops
CONTRAST, EDGE = 0.02, 10.0  # least contrast times three layers of an octave, and most edge ratio: as COLMAP asks for
GUESSED_FOCAL = 1.2  # times the longer side: COLMAP's default_focal_length_factor


@dataclass(frozen=True, kw_only=True)
class Features(Artefact):
    """Keypoints and descriptors of all photos. Image ids in the database are positions in the photo set plus one."""

    database: str
    keypoints: tuple[int, ...]  # per photo
    guessed_focals: tuple[str, ...]  # groups whose focal length is not known from EXIF


def forecast_features(photos: PhotoSet, options: FeatureOptions) -> int:
    """Bytes: the extractor's pyramid of a photo, doubled base octave, float, Gaussian and difference stacks, AT_ONCE times."""
    largest = max(
        min(1.0, options.max_photo_px / max(photo.width, photo.height)) ** 2 * photo.width * photo.height
        for photo in photos.photos
    )
    full = max(photo.width * photo.height for photo in photos.photos)
    return int(AT_ONCE * (largest * 4 * 4 * 16 + full * 3 * 2)) + 200_000_000


def extract_features(photos: PhotoSet, options: FeatureOptions, folder: Path, report: Progress) -> Features:
    """Run `find_features` for photos without cameras. Raises bad input where there is hardly any detail."""
    found = find_features(photos, options, folder, report)
    if sum(count >= 50 for count in found.keypoints) < 2:
        raise bad_input(
            f"hardly any detail was found in the photos{left_out_clause(photos)}",
            "take sharper photos, or remove masks that cover everything",
        )
    for photo, count in zip(photos.photos, found.keypoints, strict=True):
        if count < 200:
            report.note(f"{photo.name} has little detail ({count} points)")
    return found


def find_features(photos: PhotoSet, options: FeatureOptions, folder: Path, report: Progress) -> Features:
    """Find SIFT points (OpenCV's, with COLMAP's thresholds) in every photo, at most `max_photo_px` large, masked parts left out.

    One camera per group of like photos, never one per photo: with a camera each, a flat wall bends by tens of
    millimetres while its re-projection error stays as good as ever.
    """
    path = folder / DATABASE
    counts: list[int] = []
    with pycolmap.Database.open(str(path)) as database:
        cameras = _write_cameras(database, photos)
        for start in range(0, len(photos.photos), BATCH):
            report(start / len(photos.photos), f"photo {start + 1} of {len(photos.photos)}")
            batch = photos.photos[start : start + BATCH]
            for photo, (keypoints, descriptors) in zip(batch, _points_of_all(batch, options), strict=True):
                report.check()
                image_id = len(counts) + 1
                _write_image(database, cameras[photo.group], image_id)
                database.write_keypoints(image_id, keypoints)
                database.write_descriptors(image_id, descriptors)
                counts.append(len(keypoints))
    report(1.0, f"{sum(counts)} points")
    guessed = {photo.group for photo in photos.photos if photo.focal_px <= 0}
    return Features(folder=folder, database=DATABASE, keypoints=tuple(counts), guessed_focals=tuple(sorted(guessed)))


def _write_cameras(database: pycolmap.Database, photos: PhotoSet) -> dict[str, pycolmap.Camera]:
    cameras: dict[str, pycolmap.Camera] = {}
    for photo in photos.photos:
        if photo.group in cameras:
            continue
        focal = photo.focal_px if photo.focal_px > 0 else GUESSED_FOCAL * max(photo.width, photo.height)
        camera = pycolmap.Camera(
            model="SIMPLE_RADIAL",
            width=photo.width,
            height=photo.height,
            params=[focal, photo.width / 2, photo.height / 2, 0.0],
            has_prior_focal_length=photo.focal_px > 0,
        )
        camera.camera_id = database.write_camera(camera)
        rig = pycolmap.Rig()
        rig.add_ref_sensor(camera.sensor_id)
        database.write_rig(rig)
        cameras[photo.group] = camera
    return cameras


def database_name(image_id: int) -> str:
    """The image's name inside the database: user names may hold spaces, which COLMAP's pair lists cannot."""
    return f"{image_id:06d}"


def _write_image(database: pycolmap.Database, camera: pycolmap.Camera, image_id: int) -> None:
    name = database_name(image_id)
    database.write_image(pycolmap.Image(name=name, camera_id=camera.camera_id, image_id=image_id), use_image_id=True)
    frame = pycolmap.Frame()
    frame.rig_id = camera.camera_id  # rigs are written one per camera, in the same order
    frame.frame_id = image_id
    frame.add_data_id(pycolmap.data_t(camera.sensor_id, image_id))
    database.write_frame(frame, use_frame_id=True)


def _points_of_all(
    photos: Sequence[Photo], options: FeatureOptions
) -> list[tuple[NDArray[np.float32], pycolmap.FeatureDescriptors]]:
    """The points of photos, AT_ONCE of them side by side: OpenCV's own threads gain little within one."""
    threads = cv2.getNumThreads()
    cv2.setNumThreads(max(1, (os.cpu_count() or 1) // AT_ONCE))
    try:
        with ThreadPoolExecutor(AT_ONCE) as pool:
            return list(pool.map(lambda photo: _points_of(photo, options), photos))
    finally:
        cv2.setNumThreads(threads)


def _points_of(photo: Photo, options: FeatureOptions) -> tuple[NDArray[np.float32], pycolmap.FeatureDescriptors]:
    """Keypoints in pixels of the full photo, (n, 6) x, y, affine shape, with their descriptors.

    Of too many the largest are kept, as COLMAP does: they are found again at other scales.
    """
    grey = cv2.cvtColor(read_image(photo, options.max_photo_px), cv2.COLOR_RGB2GRAY)
    sift = cv2.SIFT_create(contrastThreshold=CONTRAST, edgeThreshold=EDGE, enable_precise_upscale=True)
    scale = max(1.0, max(photo.width, photo.height) / options.max_photo_px)
    mask = read_mask(photo)
    found = _largest(sift.detect(grey, None), options.features_per_photo, mask, scale)
    if not found:
        return np.zeros((0, 6), np.float32), _descriptors(np.zeros((0, 128), np.float32))
    kept, values = sift.compute(grey, found)
    place = np.array([point.pt for point in kept]) + 0.5  # COLMAP counts from the corner of the first pixel
    size, angle_deg = np.array([(0.5 * point.size, point.angle) for point in kept]).T
    along, across = size * np.cos(np.radians(angle_deg)), size * np.sin(np.radians(angle_deg))
    keypoints = np.column_stack([place, along, -across, across, along]) * scale
    return keypoints.astype(np.float32), _descriptors(values)


def _largest(points: Sequence[cv2.KeyPoint], most: int, mask: NDArray[np.bool_] | None, scale: float) -> list[cv2.KeyPoint]:
    """At most so many of those that the mask, `scale` times as large as the picture, shows; equal ones in the order given."""
    sizes = np.array([point.size for point in points])
    rows = np.argsort(-sizes, kind="stable")
    if mask is not None and len(points):
        place = ((np.asarray(cv2.KeyPoint.convert(points)) + 0.5) * scale).astype(np.int64)
        place = np.minimum(place, np.array(mask.shape[::-1]) - 1)
        rows = rows[mask[place[rows, 1], place[rows, 0]]]
    return [points[row] for row in rows[:most]]


def _descriptors(values: NDArray[np.float32]) -> pycolmap.FeatureDescriptors:
    """RootSIFT (Arandjelovic & Zisserman 2012) in bytes as COLMAP keeps it: square roots of parts of the sum, times 512."""
    root = np.sqrt(values / np.maximum(values.sum(axis=1, keepdims=True), 1e-9))
    data = np.clip(np.round(512 * root), 0, 255).astype(np.uint8)
    return pycolmap.FeatureDescriptors(pycolmap.FeatureExtractorType.SIFT, data)
