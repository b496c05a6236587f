"""The wall's plane among other things, and the axes that follow from it."""

import numpy as np
import pytest

from grotto.contract import ProblemError
from grotto.sfm.wall import find_wall_plane, fit_plane, parse_known_points, wall_axes


def test_fit_is_exact_on_a_plane() -> None:
    random = np.random.default_rng(1)
    points = random.uniform(-1, 1, (50, 3))
    normal = np.array([1.0, 2.0, -2.0]) / 3
    points -= np.outer(points @ normal - 0.7, normal)
    found, offset = fit_plane(points)
    sign = np.sign(found @ normal)
    assert np.allclose(sign * found, normal, atol=1e-12)
    assert sign * offset == pytest.approx(0.7)


def test_wall_is_found_behind_a_crowd() -> None:
    for seed in range(6):
        random = np.random.default_rng(seed)
        wall = np.column_stack([random.uniform(-2, 2, 600), random.normal(0, 0.004, 600), random.uniform(0, 2, 600)])
        crowd = random.uniform([-2, -0.8, 0], [2, -0.1, 1.5], (300, 3))
        plane = find_wall_plane(np.concatenate([wall, crowd]), depth=1.0)
        assert abs(plane.normal[1]) > 0.9999, seed
        assert plane.inliers[:600].mean() > 0.95
        assert plane.inliers[600:].mean() < 0.15


def test_axes_put_cameras_at_negative_y_and_keep_the_photos_up() -> None:
    random = np.random.default_rng(4)
    turned, _ = np.linalg.qr(random.normal(size=(3, 3)))
    turned *= np.sign(np.linalg.det(turned))
    centres = np.column_stack([random.uniform(-2, 2, 9), np.full(9, -1.0), random.uniform(0, 2, 9)])
    ups = np.tile([0.02, 0.05, 1.0], (9, 1))
    for sign in (1, -1):
        axes = wall_axes(sign * turned @ np.array([0, 1.0, 0]), 0.0, centres @ turned.T, ups @ turned.T)
        assert np.linalg.det(axes) == pytest.approx(1)
        back = axes @ turned
        assert np.allclose(back[1], [0, 1, 0], atol=1e-9)
        assert back[2] @ np.array([0, 0, 1.0]) > 0.999


def test_a_floor_still_gets_axes() -> None:
    centres = np.array([[0.0, 0.0, 1.0], [1.0, 0.0, 1.0], [0.0, 1.0, 1.0]])
    axes = wall_axes(np.array([0, 0, 1.0]), 0.0, centres, np.tile([0.0, 0.0, 1.0], (3, 1)))
    assert np.allclose(axes @ axes.T, np.eye(3), atol=1e-9)
    assert np.linalg.det(axes) == pytest.approx(1)


def test_known_points_are_read_with_any_photo_name() -> None:
    ends = parse_known_points("wall 1/IMG 1.jpg:10,20.5  b:c.jpg: 3 , 4")
    assert [name for name, _ in ends] == ["wall 1/IMG 1.jpg", "b:c.jpg"]
    assert ends[0][1].tolist() == [10, 20.5]


@pytest.mark.parametrize("text", ["", "a.jpg", "a.jpg:1,2", "a.jpg:1 b.jpg:2", "a.jpg:1..2,3 b.jpg:1,1"])
def test_known_points_that_say_nothing_are_refused(text: str) -> None:
    with pytest.raises(ProblemError, match="cannot be read"):
        parse_known_points(text)
