"""The similarity between point sets: exact on exact data, never a mirror."""

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from grotto.metrics import align_similarity


def test_a_known_similarity_is_found_exactly() -> None:
    rng = np.random.default_rng(0)
    source = rng.standard_normal((40, 3)) * (5, 0.02, 2)  # as flat as camera centres on a rail
    rotation = Rotation.from_rotvec([0.3, -1.2, 0.7]).as_matrix()
    target = 2.5 * source @ rotation.T + (7, -3, 1)
    found = align_similarity(source, target)
    assert found.scale == pytest.approx(2.5)
    np.testing.assert_allclose(found.rotation, rotation, atol=1e-9)
    np.testing.assert_allclose(found.forward(source), target, atol=1e-9)
    np.testing.assert_allclose(found.backward(target), source, atol=1e-9)


def test_a_mirror_image_is_not_mirrored_back() -> None:
    source = np.random.default_rng(1).standard_normal((20, 3))
    found = align_similarity(source, source * (1, -1, 1))
    assert np.linalg.det(found.rotation) == pytest.approx(1.0)


def test_points_in_one_plane_are_enough_and_points_on_one_line_are_not() -> None:
    plane = np.random.default_rng(2).standard_normal((10, 3)) * (1, 0, 1)
    assert align_similarity(plane, 2 * plane + 1).scale == pytest.approx(2.0)
    line = np.linspace(0, 1, 10)[:, None] * (1.0, 2.0, 3.0)
    with pytest.raises(ValueError, match="one line"):
        align_similarity(line, line)
    with pytest.raises(ValueError, match="three"):
        align_similarity(plane[:2], plane[:2])


def test_noise_moves_the_fit_less_than_the_noise() -> None:
    rng = np.random.default_rng(3)
    source = rng.standard_normal((200, 3))
    found = align_similarity(source + 0.01 * rng.standard_normal((200, 3)), source)
    assert found.scale == pytest.approx(1.0, abs=0.005)
    assert np.abs(found.shift).max() < 0.005
