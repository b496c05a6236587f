import numpy as np
import pytest

from grotto.contract import Silent
from grotto.contract.options import HeightOptions
from grotto.formats import RasterGrid
from grotto.ortho import WallPoints, known_region, make_height_map

GRID = RasterGrid(x_min=0.0, z_max=3.0, pixel=0.02, width=200, height=150)
SIDE = 1.0  # a photo's shorter side on the wall


def _points(x_min, x_max, z_min, z_max, relief=0.0, count=4000):
    random = np.random.default_rng(0)
    x, z = random.uniform(x_min, x_max, count), random.uniform(z_min, z_max, count)
    return WallPoints(x, relief * random.uniform(-1, 1, count), z, np.ones(count))


def _joined(*parts):
    return WallPoints(*(np.concatenate([getattr(part, name) for part in parts]) for name in ("x", "y", "z", "sigma")))


def _at(region, x, z):
    return region[int((GRID.z_max - z) / GRID.pixel), int((x - GRID.x_min) / GRID.pixel)]


def _counts(value):
    return np.full((GRID.height, GRID.width), value, np.uint16)


def test_sky_that_many_photos_show_without_points_is_no_wall():
    region = known_region(_points(0, 4, 0, 1.5), _counts(5), GRID, SIDE)
    assert _at(region, 2, 1.58)
    assert not _at(region, 2, 1.8)


def test_where_one_photo_looks_a_flat_wall_is_carried_on():
    counts = _counts(5)
    counts[: int(1.5 / GRID.pixel)] = 1
    region = known_region(_points(0, 4, 0, 1.5), counts, GRID, SIDE)
    assert _at(region, 2, 2.0)
    assert not _at(region, 2, 2.5)


def test_a_wall_with_deep_relief_is_not_carried_on():
    counts = _counts(5)
    counts[: int(1.5 / GRID.pixel)] = 1
    region = known_region(_points(0, 4, 0, 1.5, relief=0.5), counts, GRID, SIDE)
    assert not _at(region, 2, 1.8)


def test_sky_of_one_photo_above_sky_of_many_is_not_reached():
    counts = _counts(5)
    counts[: int(1.2 / GRID.pixel)] = 1
    region = known_region(_points(0, 4, 0, 1.3), counts, GRID, SIDE)
    assert not _at(region, 2, 1.85)


def test_holes_and_narrow_inlets_are_filled_and_islands_dropped():
    wall = _points(0, 4, 0, 2, count=12000)
    hole = (np.abs(wall.x - 1) < 0.4) & (np.abs(wall.z - 1) < 0.4)
    inlet = (np.abs(wall.x - 3) < 0.13) & (wall.z > 1)
    far = _points(3.6, 3.7, 2.7, 2.8, count=50)
    region = known_region(_joined(wall.select(~hole & ~inlet), far), _counts(4), GRID, SIDE)
    assert _at(region, 1, 1)
    assert _at(region, 3, 1.5)
    assert not _at(region, 3.65, 2.75)


def test_nothing_is_known_where_no_photo_looks():
    counts = _counts(4)
    counts[:, :100] = 0
    region = known_region(_points(0, 4, 0, 3), counts, GRID, SIDE)
    assert not _at(region, 1.9, 1)
    assert _at(region, 2.1, 1)


@pytest.mark.parametrize("least_track", [2, 3])
def test_the_rim_has_no_bites(build_scene, tmp_path, least_track):
    scene = build_scene(least_track=least_track, drawn=False)
    height = make_height_map(scene.frame, HeightOptions(), tmp_path, Silent())
    x, z = np.meshgrid(np.linspace(-0.38, 1.52, 60), np.linspace(-0.24, 0.78, 40))
    column = ((x - height.x_min) / height.step).astype(int)
    row = ((height.z_max - z) / height.step).astype(int)
    assert np.isfinite(height.read_heights()[row, column]).mean() > 0.99
