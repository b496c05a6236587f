"""A made wall: its truth says where everything is, to a small part of a pixel."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from grotto.contract import ProblemError, Silent
from grotto.contract.options import MakeWallOptions
from grotto.synthetic import Surface, make_wall, project, read_truth, viewing_directions, wall_points

SMALL = {"columns": 2, "rows": 2, "photo_width": 360, "photo_height": 240, "focal_px": 390.0, "seed": 3, "style": "thousand"}
TINY = {**SMALL, "rows": 1, "photo_width": 120, "photo_height": 80, "focal_px": 130.0}


@pytest.fixture(scope="module")
def small_wall(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wall")
    make_wall(folder, MakeWallOptions(**SMALL), Silent())
    return folder


def read_rgb(path: Path) -> np.ndarray:
    return cv2.imread(str(path), cv2.IMREAD_COLOR_RGB)


def surface_points(truth, x: np.ndarray, z: np.ndarray) -> np.ndarray:
    """Points (n, 3) on the true wall, bilinear in wall.npz by plain numpy."""
    axis_x, axis_z, y = truth.read_wall()
    i = np.clip(np.searchsorted(axis_x, x) - 1, 0, len(axis_x) - 2)
    j = np.clip(np.searchsorted(axis_z, z) - 1, 0, len(axis_z) - 2)
    s = (x - axis_x[i]) / (axis_x[i + 1] - axis_x[i])
    t = (z - axis_z[j]) / (axis_z[j + 1] - axis_z[j])
    heights = (1 - t) * ((1 - s) * y[j, i] + s * y[j, i + 1]) + t * ((1 - s) * y[j + 1, i] + s * y[j + 1, i + 1])
    return np.column_stack([x, heights, z])


def ortho_pixel(truth, points: np.ndarray) -> np.ndarray:
    ortho = truth.orthophoto
    return np.column_stack([(points[:, 0] - ortho.x_min) / ortho.pixel, (ortho.z_max - points[:, 2]) / ortho.pixel])


def test_photos_show_the_true_orthophoto_where_the_truth_says(small_wall: Path) -> None:
    """Each photo's patches, drawn from the truth alone, lie within 0.05 px of those in the photo."""
    truth = read_truth(small_wall)
    camera = truth.cameras[0]
    ortho = truth.read_orthophoto().astype(np.float32)
    grid = np.stack(np.meshgrid(np.arange(48) - 23.5, np.arange(48) - 23.5), axis=-1).reshape(-1, 2)
    shifts = []
    for photo in truth.photos:
        picture = read_rgb(small_wall / "photos" / photo.name).astype(np.float32)
        for centre in ((70, 60), (180, 120), (290, 180), (60, 190)):
            pixels = np.array(centre) + grid
            rays = viewing_directions(camera, pixels) @ photo.matrix()[:, :3]
            origin, depth = photo.centre(), np.ones(len(rays))
            for _ in range(30):
                hit = origin + depth[:, None] * rays
                depth = (surface_points(truth, hit[:, 0], hit[:, 2])[:, 1] - origin[1]) / rays[:, 1]
            where = (ortho_pixel(truth, origin + depth[:, None] * rays) - 0.5).astype(np.float32).reshape(48, 48, 2)
            expected = cv2.remap(ortho, where[..., 0], where[..., 1], cv2.INTER_LINEAR).mean(-1)
            left, top = int(pixels[0, 0] - 0.5), int(pixels[0, 1] - 0.5)
            seen = picture[top : top + 48, left : left + 48].mean(-1)
            start = np.eye(2, 3, dtype=np.float32)
            _, found = cv2.findTransformECC(expected, seen, start, cv2.MOTION_TRANSLATION)
            shifts.append(found[:, 2])
    assert np.median(np.linalg.norm(shifts, axis=1)) < 0.05
    assert np.abs(np.mean(shifts, axis=0)).max() < 0.02


def test_projection_and_viewing_directions_are_inverse(small_wall: Path) -> None:
    camera = read_truth(small_wall).cameras[0]
    pixels = np.random.default_rng(0).uniform((0, 0), (camera.width, camera.height), (200, 2))
    depth = np.linspace(0.5, 3.0, 200)[:, None]
    np.testing.assert_allclose(project(camera, depth * viewing_directions(camera, pixels)), pixels, atol=1e-9)


def test_a_point_projects_as_colmap_says(small_wall: Path) -> None:
    import pycolmap

    camera = read_truth(small_wall).cameras[0]
    parameters = [camera.focal_px, camera.cx, camera.cy, camera.radial]
    theirs = pycolmap.Camera(model=camera.model, width=camera.width, height=camera.height, params=parameters)
    points = np.array([[0.2, -0.1, 1.0], [-0.3, 0.25, 1.1], [0.0, 0.0, 0.9]])
    np.testing.assert_allclose(project(camera, points), theirs.img_from_cam(points), atol=1e-9)


def test_the_frame_is_the_walls(small_wall: Path) -> None:
    """x along the wall, z up, cameras at negative y looking at the wall; the wall's best plane is y = 0."""
    truth = read_truth(small_wall)
    assert all(photo.centre()[1] < -0.9 for photo in truth.photos)
    first, second, third = (truth.photos[i] for i in (0, 1, 2))
    assert second.centre()[0] > first.centre()[0] + 0.2
    assert third.centre()[2] < second.centre()[2] - 0.15 and third.column == 1  # serpentine: the second row begins right
    x, z, y = truth.read_wall()
    design = np.column_stack([np.tile(x, len(z)), np.repeat(z, len(x)), np.ones(y.size)])
    plane = np.linalg.lstsq(design, y.ravel(), rcond=None)[0]
    np.testing.assert_allclose(plane, 0, atol=1e-6)


def test_equal_options_give_equal_files_and_another_seed_another_wall(tmp_path: Path) -> None:
    for name, seed in (("one", 3), ("same", 3), ("other", 4)):
        make_wall(tmp_path / name, MakeWallOptions(**{**TINY, "seed": seed}), Silent())
    for name in ("photos/0001.jpg", "photos/0002.jpg", "truth/truth.json", "truth/orthophoto.png"):
        assert (tmp_path / "same" / name).read_bytes() == (tmp_path / "one" / name).read_bytes()
    assert (tmp_path / "other/photos/0001.jpg").read_bytes() != (tmp_path / "one/photos/0001.jpg").read_bytes()


def test_a_folder_of_others_is_refused_and_one_of_ours_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("keep me")
    with pytest.raises(ProblemError, match="not empty"):
        make_wall(tmp_path, MakeWallOptions(**TINY), Silent())
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mine.txt"]
    ours = tmp_path / "ours"
    make_wall(ours, MakeWallOptions(**TINY), Silent())
    make_wall(ours, MakeWallOptions(**{**TINY, "columns": 1}), Silent())
    assert [path.name for path in (ours / "photos").iterdir()] == ["0001.jpg"]
    assert (tmp_path / "mine.txt").read_text() == "keep me"


def test_truth_of_nothing_and_of_a_broken_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ProblemError, match="no truth"):
        read_truth(tmp_path)

    class StopsEarly(Silent):
        def __call__(self, fraction: float, message: str = "") -> None:
            if fraction > 0.3:
                raise RuntimeError("stopped")

    with pytest.raises(RuntimeError):
        make_wall(tmp_path, MakeWallOptions(**TINY), StopsEarly())
    with pytest.raises(ProblemError, match="not finished"):
        read_truth(tmp_path)
    make_wall(tmp_path, MakeWallOptions(**TINY), Silent())
    assert len(read_truth(tmp_path).photos) == 2


def test_rays_meet_the_surface_exactly(small_wall: Path) -> None:
    """What a pixel's ray meets lies on the surface and projects back into that pixel's centre."""
    truth = read_truth(small_wall)
    x_axis, z_axis, y = truth.read_wall()
    surface = Surface(x_axis[0], z_axis[0], x_axis[1] - x_axis[0], y.astype(np.float32))
    camera, photo = truth.cameras[0], truth.photos[2]
    x, z = wall_points(camera, photo, surface)
    points = surface_points(truth, x.ravel().astype(np.float64), z.ravel().astype(np.float64))
    pixels = project(camera, points @ photo.matrix()[:, :3].T + photo.matrix()[:, 3])
    columns, rows = np.meshgrid(np.arange(camera.width) + 0.5, np.arange(camera.height) + 0.5)
    assert np.abs(pixels - np.column_stack([columns.ravel(), rows.ravel()])).max() < 0.005
