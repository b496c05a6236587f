import numpy as np

from grotto.formats import RasterGrid
from grotto.ortho import Blocks, Stiffness, WallPoints, choose_length, fit, fit_relief, trust_of, without_outliers

GRID = RasterGrid(x_min=0.0, z_max=1.0, pixel=0.02, width=50, height=50)


def _points(count, surface, noise=0.0, seed=0):
    random = np.random.default_rng(seed)
    x, z = random.uniform(0, 1, (2, count))
    return WallPoints(x, surface(x, z) + noise * random.normal(size=count), z, np.ones(count))


def _nodes(grid=GRID):
    return np.meshgrid(grid.x_centres(), grid.z_centres())


def _fit(points, length=0.03, grid=GRID):
    return fit(points, trust_of(points), grid, Stiffness(length, 1 / points.spacing**2))


def test_a_tilted_plane_is_kept_exactly_also_beyond_the_points():
    def tilted(x, z):
        return 0.3 * x - 0.2 * z + 5

    points = _points(500, tilted)
    inner = points.select((np.abs(points.x - 0.5) < 0.3) & (np.abs(points.z - 0.5) < 0.3))
    np.testing.assert_allclose(_fit(inner), tilted(*_nodes()), atol=1e-4)


def test_wrong_points_do_not_pull():
    points = _points(1500, lambda x, z: 0.05 * x**2, noise=1e-4)
    points.y[::10] -= np.random.default_rng(1).uniform(0.02, 0.5, 150)
    error = _fit(points) - 0.05 * _nodes()[0] ** 2
    assert np.abs(error).max() < 1e-3


def test_smoothing_beats_the_points_own_noise():
    def waves(x, z):
        return 0.01 * np.sin(6 * x) * np.cos(6 * z)

    points = _points(3000, waves, noise=1e-3)
    error = _fit(points, length=0.05) - waves(*_nodes())
    assert np.median(np.abs(error)) < 0.3e-3


def test_a_step_stays_a_step():
    points = _points(4000, lambda x, z: 0.1 * (x > 0.5), noise=1e-4)
    surface = _fit(points, length=0.04)
    x = GRID.x_centres()
    assert np.abs(surface[:, x < 0.45]).max() < 0.01
    assert np.abs(surface[:, x > 0.55] - 0.1).max() < 0.01


def test_noisier_points_are_smoothed_more():
    def waves(x, z):
        return 0.002 * np.sin(25 * x)

    clean = choose_length(_points(4000, waves, noise=1e-6))
    noisy = choose_length(_points(4000, waves, noise=2e-3))
    assert noisy > clean


def test_precise_points_count_more():
    points = _points(2000, lambda x, z: 0 * x)
    vague = np.arange(2000) % 2 == 0
    points.y[vague] += 1e-3
    points.sigma[vague] = 4.0
    assert abs(float(np.median(_fit(points, length=0.1)))) < 0.3e-3


def test_blocks_give_what_one_piece_gives():
    points = _points(6000, lambda x, z: 0.02 * np.sin(5 * x + 3 * z), noise=2e-4)
    grid = RasterGrid(x_min=0.0, z_max=1.0, pixel=0.01, width=100, height=100)
    said = []
    whole = fit_relief(points, grid, 0.03, lambda part, words: said.append(part))
    assert not said
    division = Blocks(at_once=2500, side=40, halo=16)
    blocks = fit_relief(points, grid, 0.03, lambda part, words: said.append(part), division)
    assert len(said) == 9
    assert np.median(np.abs(whole - blocks)) < 2e-5
    assert np.abs(whole - blocks).max() < 5e-4


def test_things_before_the_wall_are_found():
    points = _points(5000, lambda x, z: 0.1 * x, noise=5e-4)
    rope = np.abs(points.z - 0.5) < 0.01
    points.y[rope] -= 0.2
    kept = without_outliers(points)
    assert (kept.y - 0.1 * kept.x).min() > -0.01
    assert len(kept) > 0.93 * (~rope).sum()
