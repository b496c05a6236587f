"""Six small pictures with alpha of a checkered ball, cast exactly, and their cameras: what the tests of views look at."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from grotto.contract import Silent
from grotto.contract.options import PhotoOptions, ViewOptions
from grotto.photos import ScanPhotos
from grotto.scene import Camera, look_at
from grotto.sfm.features import Features
from grotto.sfm.pairs import Matches
from grotto.sfm.scan import SparseScene, triangulate_given
from grotto.views import ViewSet, find_source, make_views, read_scan_photos

RADIUS = 0.5
MIDDLE = np.array([0.3, -0.2, 0.4])
OPENGL = np.diag([1.0, -1, -1, 1])


class Noted(Silent):
    """Progress that keeps what it is told."""

    def __init__(self) -> None:
        self.notes: list[str] = []

    def note(self, message: str) -> None:
        self.notes.append(message)


def ring(count: int = 6, size: int = 64, spread: float = 2 * np.pi) -> list[Camera]:
    """Cameras about the ball, alternately above and below it, within a part of the full turn."""
    cameras = []
    for index in range(count):
        angle, height = spread * index / count, 0.8 if index % 2 else -0.5
        place = MIDDLE + np.array([2.5 * np.cos(angle), 2.5 * np.sin(angle), height])
        cameras.append(
            Camera(
                camera_from_world=look_at(place, MIDDLE),
                focal_x=1.6 * size,
                focal_y=1.6 * size,
                centre_x=size / 2,
                centre_y=size / 2,
                width=size,
                height=size,
            )
        )
    return cameras


def ball(camera: Camera) -> NDArray[np.uint8]:
    """(h, w, 4): the ball as the camera sees it, transparent elsewhere."""
    rays = camera.directions().astype(np.float64)
    rays /= np.linalg.norm(rays, axis=-1, keepdims=True)
    offset = camera.position - MIDDLE
    along = rays @ offset
    under = along**2 - (offset @ offset - RADIUS**2)
    hit = under > 0
    points = offset + rays * (-along - np.sqrt(np.maximum(under, 0)))[..., None]
    checks = (np.floor(points * 8).astype(int).sum(-1) % 2).astype(bool)
    colour = np.where(checks[..., None], [230, 180, 40], [30, 60, 160])
    return np.dstack([np.where(hit[..., None], colour, 0), np.where(hit, 255, 0)]).astype(np.uint8)


def write_set(folder: Path, cameras: list[Camera], **top: object) -> Path:
    """Photos 0.png, 1.png ... and a transforms.json as instant-ngp would write it; `top` overrides its keys."""
    (folder / "images").mkdir(parents=True)
    frames = []
    for number, camera in enumerate(cameras):
        Image.fromarray(ball(camera)).save(folder / "images" / f"{number}.png")
        matrix = camera.world_from_camera @ OPENGL
        frames.append({"file_path": f"./images/{number}", "transform_matrix": matrix.tolist()})
    first = cameras[0]
    numbers = {"fl_x": first.focal_x, "cx": first.centre_x, "cy": first.centre_y, "w": first.width, "h": first.height}
    (folder / "transforms.json").write_text(json.dumps({**numbers, "frames": frames, **top}))
    return folder


def read_set(folder: Path, out: Path, report: Silent) -> ScanPhotos:
    source = find_source(folder)
    out.mkdir(exist_ok=True)
    return read_scan_photos(source.pictures, source.document, PhotoOptions(), out, report)


def bare_scene(photos: ScanPhotos, out: Path, report: Silent) -> SparseScene:
    """The given cameras without a single match, by way of an empty database."""
    import pycolmap

    (out / "matches").mkdir()
    with pycolmap.Database.open(str(out / "matches" / "database.db")) as database:
        cameras: dict[str, pycolmap.Camera] = {}
        for number, photo in enumerate(photos.photos, start=1):
            if photo.group not in cameras:
                camera = pycolmap.Camera(
                    model="SIMPLE_RADIAL", width=photo.width, height=photo.height, params=[photo.focal_px, 1.0, 1.0, 0.0]
                )
                camera.camera_id = database.write_camera(camera)
                cameras[photo.group] = camera
            image = pycolmap.Image(name=f"{number:06d}", camera_id=cameras[photo.group].camera_id, image_id=number)
            database.write_image(image, use_image_id=True)
            database.write_keypoints(number, np.zeros((0, 6), np.float32))
    features = Features(folder=out / "matches", database="database.db", keypoints=(0,) * len(photos.photos), guessed_focals=())
    matches = Matches(folder=out / "matches", database="database.db", pairs=(), dropped=0, compared=0)
    (out / "scene").mkdir()
    return triangulate_given(photos, features, matches, out / "scene", report)


def views_of(folder: Path, out: Path, report: Silent, holdout: int = 0, **options: object) -> ViewSet:
    """The view set of a folder with given cameras and no matches."""
    out.mkdir(parents=True)
    photos = read_set(folder, out / "photos", report)
    scene = bare_scene(photos, out, report)
    (out / "views").mkdir()
    return make_views(photos, scene, holdout, ViewOptions(**options), out / "views", report)
