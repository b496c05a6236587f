"""A database of matches whose photos are shared out among other cameras."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Sequence
from pathlib import Path

import pycolmap


def regroup(matches: Path, target: Path, cameras: Sequence[pycolmap.Camera], lens: Sequence[int]) -> None:
    """Write `target` with the keypoints, matches and geometries of `matches`; image i (from 1) has camera lens[i - 1].

    COLMAP ties cameras, rigs, frames and images together, so they are written anew and the rest is copied row by row.
    """
    target.unlink(missing_ok=True)
    copy = target.with_name(f".{target.name}.matches")  # COLMAP writes on opening
    shutil.copyfile(matches, copy)
    with pycolmap.Database.open(str(copy)) as source, pycolmap.Database.open(str(target)) as database:
        rigs = []
        for camera in cameras:
            camera.camera_id = database.write_camera(camera)
            rig = pycolmap.Rig()
            rig.add_ref_sensor(camera.sensor_id)
            rigs.append(database.write_rig(rig))
        for image_id, index in enumerate(lens, 1):
            camera = cameras[index]
            name = source.read_image(image_id).name
            database.write_image(pycolmap.Image(name=name, camera_id=camera.camera_id, image_id=image_id), use_image_id=True)
            frame = pycolmap.Frame()
            frame.rig_id, frame.frame_id = rigs[index], image_id
            frame.add_data_id(pycolmap.data_t(camera.sensor_id, image_id))
            database.write_frame(frame, use_frame_id=True)
            database.write_keypoints(image_id, source.read_keypoints(image_id))
    with sqlite3.connect(target) as connection:
        connection.execute("ATTACH DATABASE ? AS source", (str(copy),))
        for table in ("matches", "two_view_geometries"):
            connection.execute(f"INSERT INTO main.{table} SELECT * FROM source.{table}")
    connection.close()
    for file in target.parent.glob(f"{copy.name}*"):
        file.unlink()
