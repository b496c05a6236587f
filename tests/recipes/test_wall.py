"""The wall recipe on 9 small photos with exact truth: accuracy, resume, scale, cameras; slow: 25 photos of 1200 px."""

import json
import re
import shutil
from pathlib import Path

import numpy as np
import pycolmap
import pytest
from scipy.interpolate import RegularGridInterpolator
from wall_jobs import FLAGS, done, run_wall

from grotto.contract import Result, Silent, from_flat
from grotto.contract.options import MakeWallOptions
from grotto.evaluation.wall import WallScore, score_wall
from grotto.formats import read_artefact, read_glb, read_points_ply, read_transforms
from grotto.photos import PhotoSet
from grotto.sfm.wall import WallFrame
from grotto.synthetic import make_wall, read_truth

KINDS = ["mesh", "orthophoto", "orthophoto_preview", "height_map", "point_cloud", "cameras", "photos", "colmap_model", "report"]


@pytest.fixture(scope="module")
def score(wall_job: Path, wall_set: Path) -> WallScore:
    return score_wall(wall_job, wall_set)


def test_all_photos_stand_in_one_model_with_one_camera(score: WallScore) -> None:
    assert (score.cameras.registered, score.cameras.total, score.models_found, score.cameras.cameras) == (9, 9, 1, 1)


def test_cameras_stand_where_they_stood(score: WallScore) -> None:
    assert score.cameras.centre_rmse_mm <= 0.5
    assert score.cameras.out_of_plane_rmse_mm <= 0.5
    assert abs(score.cameras.focal_error) <= 0.006


def test_relief_is_the_walls(score: WallScore) -> None:
    assert score.height is not None
    assert score.height.median_mm <= 0.5


def test_orthophoto_lies_where_the_painting_lies(score: WallScore) -> None:
    assert score.orthophoto is not None
    assert score.orthophoto.shift_median_mm <= 1.1  # the size of a pixel
    assert score.orthophoto.psnr_db > 25


@pytest.mark.slow
def test_twenty_five_photos_are_as_accurate_as_the_benchmark_says(tmp_path: Path) -> None:
    make_wall(tmp_path / "set", from_flat(MakeWallOptions, {"columns": 5, "rows": 5, "style": "mixed"}), Silent())
    done(tmp_path / "set/photos", tmp_path / "job", "--quality", "draft", "--camera-distance-m", "1.0")
    score = score_wall(tmp_path / "job", tmp_path / "set")
    assert (score.cameras.registered, score.cameras.total, score.models_found, score.cameras.cameras) == (25, 25, 1, 1)
    assert score.cameras.centre_rmse_mm <= 1.0
    assert abs(score.cameras.focal_error) <= 0.01
    assert score.height is not None
    assert score.height.median_mm <= 0.5
    assert score.orthophoto is not None
    assert score.orthophoto.shift_median_mm <= 0.35
    assert score.orthophoto.psnr_db > 30


def test_result_says_what_was_made(wall_job: Path) -> None:
    result = Result.read(wall_job)
    for kind in KINDS:
        asset = result.main(kind)
        assert asset is not None, kind
        assert (wall_job / asset.path).exists()
    facts = result.facts
    assert facts["registered_photos"] == facts["input_photos"] == 9
    assert facts["scale"] == "metric"
    assert facts["focal_search"] == "all"
    low, high = facts["focal_interval_px"][0]
    assert low < facts["focal_px"][0] < high
    assert high - low < 100
    # the wall truly bulges by centimetres; a bent block would show as tens of millimetres more
    assert 3 < facts["flatness_mm"] < 30


def test_mesh_and_cloud_lie_on_the_wall(wall_job: Path) -> None:
    result = Result.read(wall_job)
    mesh = read_glb(wall_job / result.main("mesh").path)  # type: ignore[union-attr]
    assert len(mesh.faces) <= 40000
    assert np.abs(mesh.vertices[:, 1]).max() < 0.1
    cloud = read_points_ply(wall_job / result.main("point_cloud").path)  # type: ignore[union-attr]
    assert len(cloud.points) > 5000
    assert np.median(np.abs(cloud.points[:, 1])) < 0.03


def test_undistorted_cameras_see_the_points_where_the_photos_show_them(wall_job: Path) -> None:
    result = Result.read(wall_job)
    frame = read_artefact(WallFrame, wall_job / "frame")
    model = frame.read_model()
    cameras = read_transforms(wall_job / result.main("cameras").path)  # type: ignore[union-attr]
    assert len(cameras) == 9
    by_name = {image.name: image for image in model.images.values()}
    for camera in cameras[::3]:
        image = by_name[camera.photo_name]
        lens = model.cameras[image.camera_id]
        camera_from_world = np.linalg.inv(camera.world_from_camera)
        for point in [p for p in image.points2D if p.has_point3D()][:200]:
            x, y, z = camera_from_world[:3, :3] @ model.points3D[point.point3D_id].xyz + camera_from_world[:3, 3]
            straight = np.array([camera.focal_x * x / z + camera.centre_x, camera.focal_y * y / z + camera.centre_y])
            bent = lens.img_from_cam(np.array([x / z, y / z, 1.0]))
            ray = lens.cam_from_img(bent)
            expected = np.array([camera.focal_x * ray[0] + camera.centre_x, camera.focal_y * ray[1] + camera.centre_y])
            assert np.abs(straight - expected).max() < 1e-3
            assert np.linalg.norm(bent - point.xy) < 2.5


def test_same_job_again_redoes_nothing_and_a_changed_option_only_what_follows(wall_job: Path, wall_set: Path) -> None:
    again = run_wall(wall_set / "photos", wall_job, *FLAGS)
    assert again.returncode == 0
    assert again.stdout.count("kept from before") == 11, again.stdout
    before = {stage: (wall_job / stage).stat().st_mtime_ns for stage in ("cameras", "height", "orthophoto", "mesh")}
    changed = run_wall(wall_set / "photos", wall_job, *FLAGS, "--faces", "5000")
    assert changed.returncode == 0, changed.stderr
    after = {stage: (wall_job / stage).stat().st_mtime_ns for stage in before}
    assert {stage for stage in before if before[stage] != after[stage]} == {"mesh"}
    assert Result.read(wall_job).facts["faces"] <= 5000


@pytest.mark.slow
def test_known_length_between_two_points_sets_the_scale(wall_job: Path, wall_set: Path, tmp_path: Path) -> None:
    """Two places of the wall are found in two photos by the truth; their distance must come out in metres."""
    truth = read_truth(wall_set)
    x, z, wall_y = truth.read_wall()
    surface = RegularGridInterpolator((z, x), wall_y)
    ends, names = [], []
    for name, pixel in (("0001.jpg", (320.0, 208.0)), ("0009.jpg", (160.0, 264.0))):
        photo = truth.photo(name)
        assert photo is not None
        lens = truth.cameras[photo.camera]
        camera = pycolmap.Camera(
            model="SIMPLE_RADIAL", width=lens.width, height=lens.height, params=[lens.focal_px, lens.cx, lens.cy, lens.radial]
        )
        centre = photo.centre()
        ray = photo.matrix()[:, :3].T @ np.append(camera.cam_from_img(np.array(pixel)), 1.0)
        place = centre.copy()
        for _ in range(30):  # fixed point: the wall is nearly flat
            y = float(surface((place[2], place[0])))
            place = centre + ray * (y - centre[1]) / ray[1]
        ends.append(place)
        names.append(f"{name}:{pixel[0]},{pixel[1]}")
    length = float(np.linalg.norm(ends[0] - ends[1]))
    flags = ("--known-length-m", f"{length:.6f}", "--known-points", " ".join(names), *FLAGS[:4])
    ended = run_wall(wall_set / "photos", wall_job, *flags)
    assert ended.returncode == 0, ended.stderr
    facts = Result.read(wall_job).facts
    assert facts["scale"] == "metric"
    scale = score_wall(wall_job, wall_set).cameras.scale
    assert scale == pytest.approx(1.0, abs=0.003)


def test_wall_stands_upright(wall_job: Path) -> None:
    model = read_artefact(WallFrame, wall_job / "frame").read_model()
    for image in model.images.values():
        rotation = image.cam_from_world().rotation.matrix()
        assert image.projection_center()[1] < 0
        assert rotation[1] @ [0, 0, -1] > 0.99  # image down is the wall's down
        assert rotation[2] @ [0, 1, 0] > 0.99  # and it looks at the wall


def test_image_names_are_the_users(wall_job: Path) -> None:
    model = read_artefact(WallFrame, wall_job / "frame").read_model()
    assert {image.name for image in model.images.values()} == {
        photo.name for photo in read_artefact(PhotoSet, wall_job / "photos").photos
    }


def test_every_stage_said_how_long_and_how_large(wall_job: Path) -> None:
    lines = [json.loads(line) for line in (wall_job / "events.jsonl").read_text().splitlines()]
    ended = [line for line in lines if line["event"] == "stage_done"]
    assert {line["stage"] for line in ended} >= {"photos", "features", "matches", "cameras", "orthophoto", "mesh", "report"}
    assert any(line["event"] == "preview" and re.search(r"\.png$|\.jpg$", line["path"]) for line in lines)


def test_a_wall_with_relief_is_the_same_with_the_way_to_a_mosaic_open_and_closed(
    wall_job: Path, wall_set: Path, tmp_path: Path
) -> None:
    job = shutil.copytree(wall_job, tmp_path / "job")
    stages = ("photos", "features", "pairs", "matches", "cameras", "frame", "height", "orthophoto", "mesh", "undistort")
    run_wall(wall_set / "photos", job, *FLAGS)  # auto, as it was made; another test may have changed the mesh
    before = {file: (file.stat().st_mtime_ns, file.read_bytes()) for name in stages for file in files_below(job / name)}
    assert len(before) > len(stages)
    closed = run_wall(wall_set / "photos", job, *FLAGS, "--shape", "relief")
    assert closed.returncode == 0, closed.stderr
    after = {file: (file.stat().st_mtime_ns, file.read_bytes()) for name in stages for file in files_below(job / name)}
    assert after == before
    assert not list(job.glob("mosaic*"))


def files_below(folder: Path) -> list[Path]:
    return sorted(file for file in folder.rglob("*") if file.is_file())
