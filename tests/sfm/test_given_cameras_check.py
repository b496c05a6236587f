"""Given cameras and exact matches of made points: triangulated, never moved, and disbelieved where they are wrong."""

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pycolmap
import pytest
from PIL import Image

from grotto.contract import ProblemError, Silent
from grotto.formats import GivenLens, turn_of
from grotto.photos import Photo, PlacedLens, ScanPhotos
from grotto.scene import look_at
from grotto.sfm.features import Features
from grotto.sfm.pairs import Matches, VerifiedPair
from grotto.sfm.scan import triangulate_given

SIZE, COUNT = 200, 6
LENS = GivenLens(model="OPENCV", width=SIZE, height=SIZE, params=(300.0, 301.0, 101.0, 99.0, 0.05, -0.02, 0.001, -0.001))


class Noted(Silent):
    def __init__(self) -> None:
        self.notes: list[str] = []

    def note(self, message: str) -> None:
        self.notes.append(message)


def cameras() -> list[np.ndarray]:
    angles = np.linspace(0, 1.2, COUNT)
    return [look_at(np.array([4 * np.cos(a), 4 * np.sin(a), 0.6 * (i % 2)]), np.zeros(3)) for i, a in enumerate(angles)]


def points() -> np.ndarray:
    return np.random.default_rng(5).uniform(-0.7, 0.7, (150, 3))


def before_a_wall() -> list[np.ndarray]:
    return [
        look_at(np.array([x, -4.0, 0.3 * (i % 2)]), np.array([x, 0.0, 0.0])) for i, x in enumerate(np.linspace(-0.4, 0.4, COUNT))
    ]


def wall_points() -> np.ndarray:
    return points() * [1, 0.02, 1]


def scene(
    folder: Path, given: list[np.ndarray], true: list[np.ndarray] | None = None, cloud: np.ndarray | None = None
) -> tuple[ScanPhotos, Features, Matches]:
    """Photos whose matches are those of the true cameras (else `cameras`); `given` is what the user says of them."""
    true, cloud = true or cameras(), points() if cloud is None else cloud
    lens = pycolmap.Camera(model=LENS.model, width=SIZE, height=SIZE, params=list(LENS.params))
    photos, pairs = [], []
    with pycolmap.Database.open(str(folder / "database.db")) as database:
        camera_id = database.write_camera(
            pycolmap.Camera(model="SIMPLE_RADIAL", width=SIZE, height=SIZE, params=[300.0, 100, 100, 0])
        )
        rig = pycolmap.Rig()
        rig.add_ref_sensor(pycolmap.sensor_t(pycolmap.SensorType.CAMERA, camera_id))
        database.write_rig(rig)
        for number, camera in enumerate(true, start=1):
            name = f"{number}.png"
            Image.fromarray(np.full((SIZE, SIZE, 3), 40 * number, np.uint8)).save(folder / name)
            photos.append(
                Photo(
                    name=name,
                    path=str(folder / name),
                    sha256="",
                    width=SIZE,
                    height=SIZE,
                    group="given camera 1",
                    focal_px=300.0,
                    focal_source="given",
                    gravity_known=False,
                    sharpness=1.0,
                    mask="",
                )
            )
            inside = cloud @ camera[:3, :3].T + camera[:3, 3]
            keypoints = np.zeros((len(inside), 6), np.float32)
            keypoints[:, :2] = lens.img_from_cam(inside)
            image = pycolmap.Image(name=f"{number:06d}", camera_id=camera_id, image_id=number)
            database.write_image(image, use_image_id=True)
            frame = pycolmap.Frame()
            frame.rig_id, frame.frame_id = 1, number
            frame.add_data_id(pycolmap.data_t(pycolmap.sensor_t(pycolmap.SensorType.CAMERA, camera_id), number))
            database.write_frame(frame, use_frame_id=True)
            database.write_keypoints(number, keypoints)
        rows = np.repeat(np.arange(len(cloud), dtype=np.uint32)[:, None], 2, axis=1)
        for first in range(1, COUNT + 1):
            for second in range(first + 1, COUNT + 1):
                database.write_matches(first, second, rows)
                geometry = pycolmap.TwoViewGeometry(config=pycolmap.TwoViewGeometryConfiguration.CALIBRATED, inlier_matches=rows)
                database.write_two_view_geometry(first, second, geometry)
                pairs.append(VerifiedPair(first=first - 1, second=second - 1, inliers=len(rows), similarity_px=9.0))
    placed = tuple(PlacedLens(lens=LENS, camera_from_world=tuple(matrix.reshape(-1))) for matrix in given)
    photo_set = ScanPhotos(folder=folder, source=str(folder), photos=tuple(photos), skipped=(), warnings=(), cameras=placed)
    features = Features(folder=folder, database="database.db", keypoints=(len(cloud),) * COUNT, guessed_focals=())
    matches = Matches(folder=folder, database="database.db", pairs=tuple(pairs), dropped=0, compared=len(pairs))
    return photo_set, features, matches


def triangulated(tmp_path: Path, given: list[np.ndarray], report: Silent):
    (tmp_path / "in").mkdir()
    (tmp_path / "out").mkdir()
    before = scene(tmp_path / "in", given)
    whole = (tmp_path / "in" / "database.db").read_bytes()
    made = triangulate_given(*before, tmp_path / "out", report)
    assert (tmp_path / "in" / "database.db").read_bytes() == whole  # finished stages stay as they are
    return made


def test_points_are_found_and_cameras_do_not_move(tmp_path: Path) -> None:
    made = triangulated(tmp_path, cameras(), Noted())
    assert made.given
    assert made.points == len(points())
    assert made.reprojection_px < 0.01
    model = made.read_model()
    for image in model.images.values():
        assert image.cam_from_world().matrix() == pytest.approx(cameras()[image.image_id - 1][:3], abs=1e-12)
    assert list(model.cameras[1].params) == list(LENS.params)
    found = np.array([point.xyz for point in model.points3D.values()])
    gaps = np.linalg.norm(found[:, None] - points()[None], axis=2).min(axis=1)
    assert gaps.max() < 1e-3
    cloud = made.read_cloud()
    assert cloud is not None
    assert len(cloud.points) == len(points())


def test_cameras_of_other_photos_are_refused_with_names_and_pixels(tmp_path: Path) -> None:
    with pytest.raises(ProblemError) as caught:
        triangulated(tmp_path, [cameras()[i] for i in (3, 0, 5, 1, 4, 2)], Noted())
    cause = caught.value.problem.cause
    assert "disagree with the photos" in cause
    assert "px (median)" in cause
    assert ".png (" in cause


def test_other_axes_are_refused(tmp_path: Path) -> None:
    opengl = [np.diag([1.0, -1, -1, 1]) @ matrix for matrix in cameras()]
    with pytest.raises(ProblemError, match="disagree with the photos"):
        triangulated(tmp_path, opengl, Noted())


def test_a_single_wrong_camera_is_a_note(tmp_path: Path) -> None:
    given = cameras()
    turned = np.eye(4)
    turned[:2, :2] = [[np.cos(0.2), -np.sin(0.2)], [np.sin(0.2), np.cos(0.2)]]
    given[2] = turned @ given[2]
    report = Noted()
    made = triangulated(tmp_path, given, report)
    assert any("3.png" in note and "disagree" in note for note in report.notes)
    assert not any("1.png" in note for note in report.notes)
    assert made.points > 50


def test_far_views_of_a_repeating_ornament_are_no_witness(tmp_path: Path) -> None:
    """Matches that fit other cameras than the given ones: a vase looks the same from six sides."""
    turned = [
        look_at(np.array([4 * np.cos(angle), 4 * np.sin(angle), 2 * (-1) ** number]), np.zeros(3))
        for number, angle in enumerate(np.radians(60 * np.arange(6)))
    ]
    report = Noted()
    made = triangulated(tmp_path, turned, report)
    assert made.given
    assert not any("disagree" in note for note in report.notes)


def half_turned(photos: ScanPhotos, first_is_right: bool) -> ScanPhotos:
    """All photos with EXIF orientation 3: one of the two ways in which each camera is kept is right."""
    placed = []
    for camera in photos.cameras:
        turned = PlacedLens(lens=camera.lens.turned(3), camera_from_world=tuple((turn_of(3) @ camera.matrix).reshape(-1)))
        first, second = (camera, turned) if first_is_right else (turned, camera)
        placed.append(replace(first, other=second))
    return replace(photos, cameras=tuple(placed))


@pytest.mark.parametrize("first_is_right", [True, False])
def test_matches_decide_between_the_two_ways_of_a_turned_photo(tmp_path: Path, first_is_right: bool) -> None:
    photos, features, matches = scene(tmp_path, cameras())
    (tmp_path / "out").mkdir()
    report = Noted()
    made = triangulate_given(half_turned(photos, first_is_right), features, matches, tmp_path / "out", report)
    assert made.points == len(points())
    assert made.reprojection_px < 0.01
    for image in made.read_model().images.values():
        assert image.cam_from_world().matrix() == pytest.approx(cameras()[image.image_id - 1][:3], abs=1e-9)
    said = [note for note in report.notes if "the other way up" in note]
    assert bool(said) != first_is_right
    for note in said:
        mine, theirs = re.findall(r"miss by (\S+) px instead of ([^,]+),", note)[0]
        assert float(mine) < float(theirs)


def test_without_matches_the_doubt_is_said(tmp_path: Path) -> None:
    photos, features, matches = scene(tmp_path, cameras())
    (tmp_path / "out").mkdir()
    report = Noted()
    triangulate_given(half_turned(photos, True), features, replace(matches, pairs=()), tmp_path / "out", report)
    assert any("too few matches show whether the EXIF turn of 6 photos" in note for note in report.notes)


def test_a_flat_wall_with_given_cameras_is_named(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    report = Noted()
    triangulate_given(*scene(tmp_path, before_a_wall(), before_a_wall(), wall_points()), tmp_path / "out", report)
    assert any("grotto run wall" in note for note in report.notes)
    for name in ("other", "out 2"):
        (tmp_path / name).mkdir()
    report = Noted()
    triangulate_given(*scene(tmp_path / "other", cameras()), tmp_path / "out 2", report)
    assert not any("grotto run wall" in note for note in report.notes)
