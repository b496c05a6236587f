"""Features: SIFT points of every photo, in a COLMAP database in which like photos share one camera."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import pycolmap

from ...contract import Progress, bad_input
from ...contract.options import FeatureOptions
from ...formats import Artefact
from ...photos import Photo, PhotoSet, left_out_clause, read_image, read_mask
from ..cancellable import run_cancellable

DATABASE = "database.db"
BATCH = 8  # photos handed to the extractor at once: enough for every core, few enough to stop soon
GUESSED_FOCAL = 1.2  # times the longer side: COLMAP's default_focal_length_factor


@dataclass(frozen=True, kw_only=True)
class Features(Artefact):
    """Keypoints and descriptors of all photos. Image ids in the database are positions in the photo set plus one."""

    database: str
    keypoints: tuple[int, ...]  # per photo
    guessed_focals: tuple[str, ...]  # groups whose focal length is not known from EXIF


def forecast_features(photos: PhotoSet, options: FeatureOptions) -> int:
    """Bytes: the extractor's pyramid (doubled base octave, float, Gaussian and difference stacks) for two photos at once."""
    largest = max(
        min(1.0, options.max_photo_px / max(photo.width, photo.height)) ** 2 * photo.width * photo.height
        for photo in photos.photos
    )
    full = max(photo.width * photo.height for photo in photos.photos)
    return int(2 * largest * 4 * 4 * 12 + full * 3 * 2) + 200_000_000


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
    """Find SIFT points (VLFeat's through pycolmap) in every photo, at most `max_photo_px` large, masked parts left out.

    One camera per group of like photos, never one per photo: with a camera each, a flat wall bends by tens of
    millimetres while its re-projection error stays as good as ever.
    """
    path = folder / DATABASE
    counts: list[int] = []
    with pycolmap.Database.open(str(path)) as database:
        cameras = _write_cameras(database, photos)
        for start in range(0, len(photos.photos), BATCH):
            batch = photos.photos[start : start + BATCH]
            report(start / len(photos.photos), f"photo {start + 1} of {len(photos.photos)}")
            for offset, (keypoints, descriptors) in enumerate(_extract_batch(batch, options, folder, report)):
                image_id = start + offset + 1
                _write_image(database, cameras[batch[offset].group], image_id)
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


def _extract_batch(
    batch: tuple[Photo, ...],
    options: FeatureOptions,
    folder: Path,
    report: Progress,
) -> list[tuple[np.ndarray, pycolmap.FeatureDescriptors]]:
    """Keypoints in pixels of the full photo, (n, 6) x, y, affine shape, with their descriptors, per photo.

    The extractor is given reduced grey copies on disk: only its folder form runs on all cores and can be stopped.
    """
    work = folder / "work"
    work.mkdir(exist_ok=True)
    names = [f"{index:02d}.png" for index in range(len(batch))]
    for photo, name in zip(batch, names, strict=True):
        report.check()
        grey = cv2.cvtColor(read_image(photo, options.max_photo_px), cv2.COLOR_RGB2GRAY)
        cv2.imwrite(str(work / name), grey, [cv2.IMWRITE_PNG_COMPRESSION, 1])
    scratch = work / "scratch.db"
    settings = pycolmap.FeatureExtractionOptions(use_gpu=False, max_image_size=options.max_photo_px)
    settings.sift.max_num_features = options.features_per_photo

    def extract(token: pycolmap.CancellationToken) -> None:
        pycolmap.extract_features(
            scratch, work, names, extraction_options=settings, device=pycolmap.Device.cpu, cancellation_token=token
        )

    run_cancellable(extract, report)
    found = []
    with pycolmap.Database.open(str(scratch)) as database:
        for photo, name in zip(batch, names, strict=True):
            image = database.read_image_with_name(name)
            keypoints = database.read_keypoints(image.image_id)
            descriptors = database.read_descriptors(image.image_id)
            found.append(_to_photo(photo, options, keypoints, descriptors))
    for file in work.iterdir():
        file.unlink()
    work.rmdir()
    return found


def _to_photo(
    photo: Photo, options: FeatureOptions, keypoints: np.ndarray, descriptors: pycolmap.FeatureDescriptors
) -> tuple[np.ndarray, pycolmap.FeatureDescriptors]:
    scale = max(1.0, max(photo.width, photo.height) / options.max_photo_px)
    keypoints = np.array(keypoints, np.float32) * np.float32(scale)  # place and affine shape alike are pixels of the copy
    mask = read_mask(photo)
    if mask is not None:
        column = np.clip(keypoints[:, 0].astype(int), 0, photo.width - 1)
        row = np.clip(keypoints[:, 1].astype(int), 0, photo.height - 1)
        keep = mask[row, column]
        keypoints = keypoints[keep]
        descriptors = pycolmap.FeatureDescriptors(descriptors.type, np.asarray(descriptors.data)[keep])
    return keypoints, descriptors
