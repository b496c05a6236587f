"""A small wall with a known surface and painting, photographed in code: no feature finding, no other room's generator."""

from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import cv2
import numpy as np
import pycolmap
import pytest

from grotto.ortho import Lens
from grotto.photos import Photo, PhotoSet
from grotto.sfm.wall import WallFrame

WIDTH, HEIGHT, FOCAL, RADIAL = 300, 200, 325.0, -0.03
LENS = Lens(width=WIDTH, height=HEIGHT, fx=FOCAL, fy=FOCAL, cx=WIDTH / 2, cy=HEIGHT / 2, k1=RADIAL)
ACROSS, UP = 4, 3
STEP_X, STEP_Z = 0.38, 0.27  # metres between stations; a photo sees 0.92 m x 0.62 m


def wall_y(x, z):
    """The true surface: a gentle curve, a slope and a bump, in metres; negative is towards the cameras."""
    return 0.02 * (x - 0.6) ** 2 + 0.01 * z - 0.015 * np.exp(-((x - 0.5) ** 2 + (z - 0.3) ** 2) / 0.02)


def painting(x, z):
    """True linear light (..., 3) of the wall: waves of several lengths, none finer than four photo pixels."""
    waves = [
        0.3 + 0.12 * np.sin(9 * x + 3 * z + c) * np.cos(13 * z - c) + 0.1 * np.sin(70 * x + c) * np.sin(60 * z) for c in range(3)
    ]
    return np.stack(waves, axis=-1)


@dataclass(frozen=True)
class TileInputs:
    frame: WallFrame
    photos: PhotoSet
    gains: np.ndarray  # (n, 3) true factors of light
    vignetting: float
    centres: np.ndarray  # (n, 3)

    wall_y = staticmethod(wall_y)
    painting = staticmethod(painting)

    def with_photos(self, photos):
        return replace(self, photos=replace(self.photos, photos=tuple(photos)))


def _stations(random):
    facing = np.array([[1.0, 0, 0], [0, 0, -1], [0, 1, 0]])  # camera_from_world of a camera that looks along +y
    for row in range(UP):
        for column in range(ACROSS):
            turn = cv2.Rodrigues(random.normal(0, 0.01, 3))[0]
            centre = np.array([column * STEP_X, -1.0, row * STEP_Z]) + random.normal(0, 0.01, 3)
            rotation = turn @ facing
            yield np.concatenate([rotation, -(rotation @ centre)[:, None]], axis=1), centre


@cache
def _fine_directions():
    """Of two by two samples a pixel, as a sensor gathers light."""
    return LENS.directions(*np.meshgrid(np.arange(2 * WIDTH) / 2 + 0.25, np.arange(2 * HEIGHT) / 2 + 0.25))


def _meet(camera_from_wall):
    rays = _fine_directions() @ camera_from_wall[:, :3]
    centre = -camera_from_wall[:, :3].T @ camera_from_wall[:, 3]
    reach = np.full(rays.shape[:-1], 1.0)
    for _ in range(8):  # the wall is so flat that each turn leaves less than a tenth of the error
        point = centre + reach[..., None] * rays
        reach = reach + (wall_y(point[..., 0], point[..., 2]) - point[..., 1]) / rays[..., 1]
    return centre + reach[..., None] * rays


def _picture(camera_from_wall, gain, vignetting):
    point = _meet(camera_from_wall)
    light = painting(point[..., 0], point[..., 2]).reshape(HEIGHT, 2, WIDTH, 2, 3).mean((1, 3))
    x, y = np.meshgrid(np.arange(WIDTH) + 0.5 - WIDTH / 2, np.arange(HEIGHT) + 0.5 - HEIGHT / 2)
    light = light * gain * (1 - vignetting * 4 * (x**2 + y**2) / (WIDTH**2 + HEIGHT**2))[..., None]
    levels = np.where(light <= 0.0031308, 12.92 * light, 1.055 * np.maximum(light, 0) ** (1 / 2.4) - 0.055)
    return np.clip(np.rint(255 * levels), 0, 255).astype(np.uint8)


def build(
    folder: Path, *, points=4000, noise=0.0, gains=None, vignetting=0.0, false_points=0, least_track=2, drawn=True
) -> TileInputs:
    """Photos, cameras and points in `folder`; `noise` in metres on the points' y; `false_points` lie off the wall;
    points seen by fewer photos than `least_track` are not in the model; photos that are not `drawn` have no files."""
    random = np.random.default_rng(1)
    model = pycolmap.Reconstruction()
    camera = pycolmap.Camera(
        model="SIMPLE_RADIAL", width=WIDTH, height=HEIGHT, params=[FOCAL, WIDTH / 2, HEIGHT / 2, RADIAL], camera_id=1
    )
    model.add_camera_with_trivial_rig(camera)
    stations = list(_stations(random))
    gains = np.ones((len(stations), 3)) if gains is None else gains
    x, z = random.uniform(-0.5, 1.7, points), random.uniform(-0.35, 0.9, points)
    y = wall_y(x, z) + random.normal(0, 1, points) * noise
    y[:false_points] -= random.uniform(0.1, 0.5, false_points)
    seen = [[] for _ in range(points)]
    photos = []
    (folder / "photos").mkdir(parents=True)
    for number, (camera_from_wall, _) in enumerate(stations):
        column, row = LENS.project(*(camera_from_wall[:, :3] @ np.stack([x, wall_y(x, z), z]) + camera_from_wall[:, 3:]))
        inside = np.nonzero((column > 0) & (column < WIDTH) & (row > 0) & (row < HEIGHT))[0]
        for index, point in enumerate(inside):
            seen[point].append((number + 1, index))
        name = f"{number:02d}.png"
        spots = np.stack([column, row], axis=1)[inside]
        image = pycolmap.Image(name=name, camera_id=1, image_id=number + 1, keypoints=spots)
        model.add_image_with_trivial_frame(image, pycolmap.Rigid3d(camera_from_wall))
        path = folder / "photos" / name
        if drawn:
            cv2.imwrite(str(path), _picture(camera_from_wall, gains[number], vignetting)[..., ::-1])
        photos.append(
            Photo(
                name=name, path=str(path), sha256="", width=WIDTH, height=HEIGHT, group="one", focal_px=0.0, focal_source="",
                gravity_known=False, sharpness=1.0, mask="",
            )
        )  # fmt: skip
    for point in range(points):
        if len(seen[point]) >= least_track:
            track = pycolmap.Track([pycolmap.TrackElement(*element) for element in seen[point]])
            model.add_point3D(np.array([x[point], y[point], z[point]]), track)
    for point_id in model.points3D:
        model.points3D[point_id].error = 0.2
    (folder / "model").mkdir()
    model.write_binary(str(folder / "model"))
    frame = WallFrame(
        folder=folder, model="model", cloud="", metric=True, scale_from="test", camera_distance=1.0, plane_rms=0.01,
        x_min=-0.5, x_max=1.7, z_min=-0.35, z_max=0.9,
    )  # fmt: skip
    photo_set = PhotoSet(folder=folder, source=str(folder / "photos"), photos=tuple(photos), skipped=(), warnings=())
    return TileInputs(frame, photo_set, gains, vignetting, np.array([centre for _, centre in stations]))


@pytest.fixture(scope="session")
def scene(tmp_path_factory):
    """The plain wall: true points, even exposure."""
    return build(tmp_path_factory.mktemp("wall"))


@pytest.fixture
def build_scene(tmp_path):
    """`build` in a folder of the test's own."""
    return lambda **settings: build(tmp_path / "scene", **settings)
