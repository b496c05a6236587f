"""Pairs of a scan, and its upright frame."""

import numpy as np
import pytest

from grotto.scene import look_at
from grotto.sfm.scan import followers, neighbours, upright_axes


def test_on_a_ring_the_nearest_in_angle_are_neighbours() -> None:
    order = np.random.default_rng(0).permutation(40)
    angles = 2 * np.pi * order / 40
    cameras = np.stack([look_at(np.array([3 * np.cos(a), 3 * np.sin(a), 0.5]), np.zeros(3)) for a in angles])
    for first, second in neighbours(cameras, 4):
        apart = abs(order[first] - order[second])
        assert min(apart, 40 - apart) <= 3
    assert len(neighbours(cameras, 4)) >= 80


def test_cameras_back_to_back_are_no_neighbours() -> None:
    cameras = np.stack([look_at(np.zeros(3), np.array([0, side, 0.1])) for side in (1.0, -1.0)])
    assert neighbours(cameras, 4) == set()


def test_followers() -> None:
    assert followers(4, 2) == {(0, 1), (0, 2), (1, 2), (1, 3), (2, 3)}


def test_up_is_the_photos_mean_up_and_the_front_faces_them() -> None:
    rng = np.random.default_rng(3)
    turn = np.linalg.qr(rng.normal(size=(3, 3)))[0]
    turn *= np.linalg.det(turn)
    cameras = [look_at(np.array([x, -4.0, 1.0]), np.zeros(3)) for x in np.linspace(-2, 2, 9)]
    ups = np.array([-camera[1, :3] for camera in cameras]) @ turn.T
    views = np.array([camera[2, :3] for camera in cameras]) @ turn.T
    frame_from_model = upright_axes(ups, views)
    assert np.linalg.det(frame_from_model) == pytest.approx(1.0)
    assert frame_from_model @ (turn @ [0, 0, 1]) == pytest.approx([0, 0, 1], abs=0.25)  # photos look down a little
    assert (frame_from_model @ (turn @ [0, 1, 0]))[1] > 0.95
    assert abs((frame_from_model @ views.mean(0))[0]) < 1e-9


def test_photos_that_look_straight_down_on_all_sides_have_an_up_all_the_same() -> None:
    ups = np.array([[1.0, 0, 0], [0, 1, 0], [-1, 0, 0], [0, -1, 0]])
    views = np.tile([0.0, 0, -1], (4, 1))
    frame = upright_axes(ups, views)
    assert np.isfinite(frame).all()
    assert np.linalg.det(frame) == pytest.approx(1.0)
