"""pycolmap with its default options on the matches of a job: the baseline of the job's cameras."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import pycolmap

from ...contract import bad_input
from ...formats import read_artefact
from ...photos import PhotoSet

GUESSED_FOCAL = 1.2  # times the longer side: COLMAP's own guess for photos without EXIF
MATCHES = "matches/database.db"


def default_database(job: Path, path: Path) -> None:
    """Write a database with the job's keypoints and verified pairs, and one camera for each photo.

    That is COLMAP's CameraMode.AUTO for photos that do not say which camera took them. Keypoints, matches and two-view
    geometries are the job's, so that the two pipelines differ in their cameras and in nothing else.
    """
    if not (job / MATCHES).is_file():
        raise bad_input(f"{job} holds no matches", "give the folder of a wall job that is done")
    photos = read_artefact(PhotoSet, job / "photos").photos
    path.unlink(missing_ok=True)
    copy = path.with_name(f".{path.name}.matches")  # COLMAP writes on opening, and a job's files are its own
    shutil.copyfile(job / MATCHES, copy)
    with pycolmap.Database.open(str(copy)) as theirs, pycolmap.Database.open(str(path)) as ours:
        for image_id, photo in enumerate(photos, start=1):
            focal = photo.focal_px or GUESSED_FOCAL * max(photo.width, photo.height)
            camera = pycolmap.Camera(
                model="SIMPLE_RADIAL",
                width=photo.width,
                height=photo.height,
                params=[focal, photo.width / 2, photo.height / 2, 0.0],
                has_prior_focal_length=photo.focal_px > 0,
            )
            camera.camera_id = ours.write_camera(camera)
            rig = pycolmap.Rig()
            rig.add_ref_sensor(camera.sensor_id)
            rig_id = ours.write_rig(rig)
            image = pycolmap.Image(name=photo.name, camera_id=camera.camera_id, image_id=image_id)
            ours.write_image(image, use_image_id=True)
            frame = pycolmap.Frame()
            frame.rig_id, frame.frame_id = rig_id, image_id
            frame.add_data_id(pycolmap.data_t(camera.sensor_id, image_id))
            ours.write_frame(frame, use_frame_id=True)
            ours.write_keypoints(image_id, theirs.read_keypoints(image_id))
    _copy_pairs(copy, path)
    copy.unlink()


def _copy_pairs(source: Path, target: Path) -> None:
    """Copy matches and geometries row by row: both files have COLMAP's schema."""
    with sqlite3.connect(target) as connection:
        connection.execute("ATTACH DATABASE ? AS source", (str(source),))
        for table in ("matches", "two_view_geometries"):
            connection.execute(f"INSERT INTO main.{table} SELECT * FROM source.{table}")
    connection.close()


def map_with_defaults(database: Path, photos: Path, out: Path, most_seconds: int) -> list[pycolmap.Reconstruction]:
    """Run pycolmap's incremental mapping with default options for at most `most_seconds`; returns its models, largest first."""
    out.mkdir(parents=True, exist_ok=True)
    options = pycolmap.IncrementalPipelineOptions(max_runtime_seconds=most_seconds)
    level = pycolmap.logging.minloglevel
    pycolmap.logging.minloglevel = pycolmap.logging.WARNING.value  # its line per photo is no part of our report
    try:
        models = pycolmap.incremental_mapping(database, photos, out, options)
    finally:
        pycolmap.logging.minloglevel = level
    return sorted(models.values(), key=lambda model: -model.num_reg_images())
