"""Patches are aligned to a few hundredths of a pixel, through exposure, falloff and a change of view."""

import cv2
import numpy as np
import pytest

from grotto.sfm.cameras import align_patches, flatten, magnification


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


@pytest.mark.parametrize("zoom", [0.5, 2.0, 3.0])
def test_photos_of_two_lenses_are_aligned_in_the_pixels_of_the_coarser(zoom: float) -> None:
    random = np.random.default_rng(4)
    first = painted(4)
    to_second = np.array([[zoom, 0, 400 * (1 - zoom) + 3.4], [0, zoom, 300 * (1 - zoom) - 2.2], [0, 0, 1.0]])
    flags = cv2.INTER_LANCZOS4 if zoom > 1 else cv2.INTER_CUBIC
    blurred = first if zoom > 1 else cv2.GaussianBlur(first, (0, 0), 0.5 * np.sqrt(1 / zoom**2 - 1))
    second = cv2.warpPerspective(blurred, to_second, (800, 600), flags=flags)
    second = np.clip(second + random.normal(0, 2, second.shape), 0, 255)
    middle = np.array([400.0, 300.0])
    places = middle + random.uniform(-1, 1, (200, 2)) * [300, 200] / max(zoom, 1)
    truth = cv2.perspectiveTransform((places - 0.5)[None], to_second)[0] + 0.5
    guessed = truth + random.normal(0, 0.12 * max(zoom, 1), truth.shape)
    larger = magnification(places, guessed)
    assert larger == pytest.approx(zoom, rel=0.19)
    flat = flatten(first.astype(np.uint8), max(1 / larger, 1)), flatten(second.astype(np.uint8), max(larger, 1))
    found, good = align_patches(*flat, places, guessed)
    assert good.mean() > 0.9
    error_px = np.median(np.linalg.norm(found - truth, axis=1)[good]) / max(zoom, 1)  # of the coarser photo
    assert error_px < 0.05


def test_photos_of_nearly_one_scale_are_taken_as_of_one() -> None:
    places = np.random.default_rng(1).uniform(0, 500, (50, 2))
    assert magnification(places, 1.1 * places + 7) == 1.0
    assert magnification(places, places / 1.4) == pytest.approx(2**-0.5)


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
