"""Writing a court: photos, cameras, masks of the subject and the true surfaces in one folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ..contract import Progress
from ..formats import write_mesh_ply, write_transforms
from ..scene import Camera, View, photo_camera, write_picture
from .court import Court, court_cameras, make_court, photograph_court, room_cameras

COURT_SUBJECT, COURT_SURROUNDINGS, COURT_MASKS = "truth/subject.ply", "truth/surroundings.ply", "truth/masks"


def make_court_set(
    name: str, side: float, out: Path, report: Progress, *, views: int = 40, size: int = 320, cells: int = 128
) -> None:
    """Write `out`/photos (PNG, no alpha), transforms.json and `out`/truth: both surfaces, and for each photo a mask.

    `side`: of the court, in heights of the subject. The masks lie in truth, where no reader of photos finds them.
    Equal arguments give equal files.
    """
    _write_set(make_court(name, side, cells=cells), court_cameras(views, size), out, report)


def make_room_set(side: float, out: Path, report: Progress, *, views: int = 40, size: int = 320) -> None:
    """Write the same of a court taken from within as a room is: no photo shows the subject in its middle.

    Equal arguments give equal files.
    """
    _write_set(make_court("bowl", side, cells=32), room_cameras(views, size), out, report)


def _write_set(court: Court, cameras: Sequence[Camera], out: Path, report: Progress) -> None:
    for folder in ("photos", COURT_MASKS):
        (out / folder).mkdir(parents=True, exist_ok=True)
    made: list[View] = []
    for index, camera in enumerate(cameras):
        report(0.9 * index / len(cameras), f"Photo {index + 1} of {len(cameras)}")
        view = photograph_court(court, camera, f"{index:03}")
        write_picture(out / "photos" / f"{view.name}.png", view.colour)
        mask = np.zeros(view.colour.shape[:2], np.float32) if view.alpha is None else view.alpha
        write_picture(out / COURT_MASKS / f"{view.name}.png", mask)
        made.append(view)
    write_mesh_ply(out / COURT_SUBJECT, court.subject)
    write_mesh_ply(out / COURT_SURROUNDINGS, court.surroundings)
    listed = [photo_camera(view.camera, f"photos/{view.name}.png", f"{view.name}.png") for view in made]
    write_transforms(out / "transforms.json", listed)
    report(1.0, f"{len(cameras)} photos")
