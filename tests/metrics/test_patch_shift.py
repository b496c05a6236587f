"""Shifts of patches: known ones are found to hundredths of a pixel, and strangers are told apart."""

import cv2
import numpy as np
import pytest
from scipy import ndimage

from grotto.metrics import patch_shift


def texture(seed: int, shift: tuple[float, float] = (0.0, 0.0)) -> np.ndarray:
    """A patch (64, 64) of a smooth random picture, seen `shift` further to the right and down."""
    rng = np.random.default_rng(seed)
    picture = cv2.GaussianBlur(rng.standard_normal((160, 160)).astype(np.float32), (0, 0), 2.0)
    moved = ndimage.shift(picture.astype(np.float64), shift[::-1], order=5)
    return (128 + 300 * moved[48:112, 48:112]).astype(np.float32)


@pytest.mark.parametrize("shift", [(0.0, 0.0), (0.3, -0.7), (2.4, 1.6), (-9.3, 6.2)])
def test_a_known_shift_is_found(shift: tuple[float, float]) -> None:
    found = patch_shift(texture(0), 0.8 * texture(0, shift) + 20)
    assert found == pytest.approx(shift, abs=0.03)


def test_patches_of_different_things_have_no_shift() -> None:
    assert patch_shift(texture(0), texture(1)) is None
