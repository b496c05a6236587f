import numpy as np
import pycolmap
import pytest

from grotto.contract import ProblemError
from grotto.ortho import Lens

CAMERAS = {
    "SIMPLE_PINHOLE": [900.0, 510.0, 390.0],
    "PINHOLE": [900.0, 910.0, 510.0, 390.0],
    "SIMPLE_RADIAL": [900.0, 510.0, 390.0, -0.08],
    "RADIAL": [900.0, 510.0, 390.0, -0.1, 0.03],
    "OPENCV": [900.0, 910.0, 510.0, 390.0, -0.1, 0.03, 0.001, -0.002],
}


@pytest.fixture
def points():
    random = np.random.default_rng(0)
    return np.concatenate([random.uniform(-0.5, 0.5, (400, 2)), random.uniform(0.8, 3.0, (400, 1))], axis=1)


@pytest.mark.parametrize("model", CAMERAS)
def test_projection_equals_pycolmap(model, points):
    camera = pycolmap.Camera(model=model, width=1000, height=800, params=CAMERAS[model])
    lens = Lens.from_colmap(model, np.array(CAMERAS[model]), (1000, 800), (1000, 800))
    column, row = lens.project(*points.T)
    np.testing.assert_allclose(np.stack([column, row], axis=1), camera.img_from_cam(points), atol=1e-9)


@pytest.mark.parametrize("model", CAMERAS)
def test_directions_invert_the_projection(model, points):
    lens = Lens.from_colmap(model, np.array(CAMERAS[model]), (1000, 800), (1000, 800))
    column, row = lens.project(*points.T)
    np.testing.assert_allclose(lens.directions(column, row), points / points[:, 2:], atol=1e-9)


def test_a_reduced_photo_keeps_pixel_corners():
    lens = Lens.from_colmap("SIMPLE_RADIAL", np.array(CAMERAS["SIMPLE_RADIAL"]), (1000, 800), (500, 400))
    whole = Lens.from_colmap("SIMPLE_RADIAL", np.array(CAMERAS["SIMPLE_RADIAL"]), (1000, 800), (1000, 800))
    point = np.array([0.1]), np.array([-0.2]), np.array([1.0])
    np.testing.assert_allclose(np.array(lens.project(*point)) * 2, whole.project(*point))


def test_no_pixel_behind_the_camera_or_where_distortion_folds_back():
    lens = Lens(width=100, height=100, fx=100, fy=100, cx=50, cy=50, k1=-0.2)
    column, _ = lens.project(np.array([0.0, 0.0, 3.0]), np.zeros(3), np.array([-1.0, 0.0, 1.0]))
    assert np.isnan(column).all()  # tangent 3 lies beyond 1 / sqrt(3 * 0.2)


def test_a_fisheye_is_refused_by_name():
    with pytest.raises(ProblemError, match="OPENCV_FISHEYE"):
        Lens.from_colmap("OPENCV_FISHEYE", np.ones(8), (10, 10), (10, 10))
