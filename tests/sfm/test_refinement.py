"""Patches are aligned to a few hundredths of a pixel, through exposure, falloff and a change of view."""

import cv2
import numpy as np
import pytest

from grotto.sfm.cameras import align_patches, flatten


def painted(seed: int) -> np.ndarray:
    random = np.random.default_rng(seed)
    layers = [
        cv2.resize(random.uniform(0, 255, (600 // n, 800 // n, 3)), (800, 600), interpolation=cv2.INTER_CUBIC)
        for n in (6, 17, 50)
    ]
    return np.clip(np.mean(layers, axis=0) * 1.6 - 70, 0, 255).astype(np.float32)


@pytest.mark.parametrize("seed", range(3))
def test_places_come_back_to_hundredths(seed: int) -> None:
    random = np.random.default_rng(seed)
    first = painted(seed)
    to_second = np.array([[1.02, 0.02, -60.3], [-0.015, 0.99, 25.7], [1e-5, -8e-6, 1.0]])
    second = cv2.warpPerspective(first, to_second, (800, 600), flags=cv2.INTER_LANCZOS4)
    falloff = 1 - 0.25 * (np.hypot(*np.meshgrid(np.linspace(-1, 1, 800), np.linspace(-1, 1, 600))) ** 2 / 2)[..., None]
    second = np.clip(second * falloff * 0.8 + random.normal(0, 2, second.shape), 0, 255)
    places = random.uniform([150, 100], [700, 500], (200, 2))
    truth = cv2.perspectiveTransform((places - 0.5)[None], to_second)[0] + 0.5
    guessed = truth + random.normal(0, 0.12, truth.shape)
    found, good = align_patches(flatten(first.astype(np.uint8)), flatten(second.astype(np.uint8)), places, guessed)
    assert good.mean() > 0.9
    before, after = np.abs(guessed - truth)[good], np.abs(found - truth)[good]
    assert np.median(after) < 0.03
    assert np.median(after) < np.median(before) / 3


def test_patches_of_other_things_are_not_trusted() -> None:
    random = np.random.default_rng(9)
    places = random.uniform([100, 100], [700, 500], (100, 2))
    found, good = align_patches(
        flatten(painted(1).astype(np.uint8)),
        flatten(painted(2).astype(np.uint8)),
        places,
        places + random.normal(0, 0.1, places.shape),
    )
    assert found.shape == (100, 2)
    assert good.mean() < 0.75


def test_points_on_one_line_align_nothing_rather_than_something_wrong() -> None:
    places = np.column_stack([np.linspace(100, 700, 20), np.full(20, 300.0)])
    found, good = align_patches(flatten(painted(1).astype(np.uint8)), flatten(painted(1).astype(np.uint8)), places, places)
    assert np.abs(found[good] - places[good]).max(initial=0.0) < 0.05
