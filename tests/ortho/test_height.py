from dataclasses import replace

import numpy as np
import pycolmap
import pytest
import tifffile

from grotto.contract import ProblemError, Silent
from grotto.contract.options import HeightOptions
from grotto.formats import read_artefact, write_artefact
from grotto.ortho import HeightMap, HeightSurface, forecast_height_map, make_height_map


def _errors_mm(height, wall_y):
    heights = height.read_heights()
    x, z = np.meshgrid(height.grid.x_centres(), height.grid.z_centres())
    inner = (x > -0.1) & (x < 1.3) & (z > 0.0) & (z < 0.6)
    assert np.isfinite(heights[inner]).all()
    return heights[inner] + 1000 * wall_y(x, z)[inner]


def test_heights_of_true_points(scene, tmp_path):
    height = make_height_map(scene.frame, HeightOptions(), tmp_path, Silent())
    assert np.median(np.abs(_errors_mm(height, scene.wall_y))) < 0.1


def test_noise_and_false_points(build_scene, tmp_path):
    scene = build_scene(noise=0.0005, false_points=200, drawn=False)
    height = make_height_map(scene.frame, HeightOptions(), tmp_path, Silent())
    errors = np.abs(_errors_mm(height, scene.wall_y))
    assert np.median(errors) < 0.3
    assert errors.max() < 3.0


def test_a_given_step_is_kept_and_files_are_as_described(scene, tmp_path):
    height = make_height_map(scene.frame, HeightOptions(height_spacing_mm=25.0), tmp_path, Silent())
    assert height.step == 0.025
    pixels = tifffile.imread(tmp_path / height.file)
    assert pixels.shape == (height.height, height.width)
    assert pixels.dtype == np.float32
    write_artefact(height)
    assert read_artefact(HeightMap, tmp_path) == height
    # Heights point to the cameras: the bump of 15 mm is higher than its surroundings.
    surface = HeightSurface.read(height)
    assert float(surface(np.array([0.5]), np.array([0.3]))[0]) < scene.wall_y(0.9, 0.3) - 0.005


def test_the_map_ends_where_photos_end(scene, tmp_path):
    height = make_height_map(scene.frame, HeightOptions(), tmp_path, Silent())
    # Stations reach from 0 to 1.14 m and 0 to 0.54 m; a photo shows 0.46 m to its sides and 0.31 m up and down.
    assert -0.55 < height.x_min < -0.38
    assert 0.78 < height.z_max < 0.92
    right, bottom = height.x_min + height.width * height.step, height.z_max - height.height * height.step
    assert 1.52 < right < 1.69
    assert -0.38 < bottom < -0.24


def test_the_rim_that_one_photo_shows_goes_on_straight(scene, tmp_path):
    height = make_height_map(scene.frame, HeightOptions(), tmp_path, Silent())
    surface = HeightSurface.read(height)
    x, z = np.array([-0.4, -0.4, 1.5]), np.array([-0.2, 0.7, 0.75])
    assert surface.is_known(x, z).all()
    assert np.abs(surface(x, z) - scene.wall_y(x, z)).max() < 0.004


def test_no_points_is_said_plainly(tmp_path, scene):
    model = pycolmap.Reconstruction(str(scene.frame.folder / "model"))
    for point_id in list(model.points3D):
        model.delete_point3D(point_id)
    (tmp_path / "model").mkdir()
    model.write_binary(str(tmp_path / "model"))
    with pytest.raises(ProblemError, match="only 0 points"):
        make_height_map(replace(scene.frame, folder=tmp_path), HeightOptions(), tmp_path, Silent())


def test_forecast_is_sane(scene):
    assert 1e8 < forecast_height_map(scene.frame, HeightOptions()) < 1e9
