import numpy as np
import pytest

from grotto.formats import RasterGrid
from grotto.ortho import PhotoFootprints, TileLattice, automatic_pixel, lattice_step, part_of, tiles


def test_automatic_pixel_is_the_median_said_in_two_digits():
    assert automatic_pixel([0.000771, 0.00078, 0.003]) == pytest.approx(0.00078)
    assert automatic_pixel([0.0007692]) == pytest.approx(0.00076)
    assert automatic_pixel([1.0]) == pytest.approx(1.0)


def test_tiles_cover_every_pixel_once_and_neighbours_follow():
    grid = RasterGrid(x_min=0, z_max=0, pixel=1, width=1300, height=700)
    count = np.zeros((700, 1300), int)
    found = tiles(grid, 256)
    for column, row, width, height in found:
        assert column % 256 == 0
        assert row % 256 == 0
        count[row : row + height, column : column + width] += 1
    assert (count == 1).all()
    assert [tile[:2] for tile in found[:4]] == [(0, 0), (256, 0), (0, 256), (256, 256)]


@pytest.mark.parametrize("step", [1, 2, 4])
def test_spread_meets_pixel_centres(step):
    grid = RasterGrid(x_min=3.0, z_max=9.0, pixel=0.5, width=100, height=60)
    lattice = TileLattice.over(grid, (20, 8, 33, 17), lambda x, z: x * 0 + z * 0, step)
    x = lattice.spread(np.broadcast_to(lattice.x, lattice.y.shape))
    z = lattice.spread(np.broadcast_to(lattice.z, lattice.y.shape))
    np.testing.assert_allclose(x[:17, :33], np.tile(grid.x_centres(20, 53), (17, 1)), atol=1e-5)
    np.testing.assert_allclose(z[:17, :33], np.tile(grid.z_centres(8, 25)[:, None], (1, 33)), atol=1e-5)


@pytest.mark.parametrize("step", [1, 2, 4])
def test_a_part_spreads_like_the_whole(step):
    values = np.random.default_rng(0).normal(size=(20, 30)).astype(np.float32)
    lattice = TileLattice(np.zeros((1, 30)), np.zeros((20, 30)), np.zeros((20, 1)), step)
    needed = np.zeros((20, 30), bool)
    needed[8:11, 20:24] = True
    part = part_of(needed)
    pixels = lattice.pixels_of(part)
    np.testing.assert_allclose(lattice.spread(values[part]), lattice.spread(values)[pixels], rtol=1e-5)
    # Every pixel that a marked node has a part in lies inside.
    touched = lattice.spread(needed.astype(np.float32)) > 0
    inside = np.zeros_like(touched)
    inside[pixels] = True
    assert (inside | ~touched).all()
    assert part_of(np.zeros((5, 5), bool)) is None


def test_nodes_stand_closer_where_pixels_are_coarse():
    assert lattice_step(0.001, 0.01) == 4
    assert lattice_step(0.004, 0.01) == 2
    assert lattice_step(0.03, 0.01) == 1


def test_footprints_over_a_place():
    footprints = PhotoFootprints([np.array([[i, 0.0], [i + 1.5, 1.0]]) for i in range(5)])
    assert footprints.overlapping(2.2, 2.4, 0.5, 0.6).tolist() == [1, 2]
    assert footprints.overlapping(2.2, 2.4, 1.5, 1.6).tolist() == []
