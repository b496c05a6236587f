"""Photos of a wall before and after a restoration are told apart; light, white balance and noise are no state."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from grotto.ortho import Samples, colour_states, is_grey, photo_differences


def looks(restored: list[bool], seed: int = 0, noise: float = 0.02) -> Samples:
    """Photos of 120 neighbouring places each, of which the next one sees 80; restored ones show some places repainted."""
    random = np.random.default_rng(seed)
    paint = np.exp(random.uniform(-2.2, -0.5, (40 * len(restored) + 120, 3)))
    repainted = paint * np.exp(0.3 * random.standard_normal(paint.shape))
    parts = []
    for photo, new in enumerate(restored):
        place = np.arange(40 * photo, 40 * photo + 120)
        gain = np.exp(0.2 * random.standard_normal(3))  # exposure and white balance
        light = (repainted if new else paint)[place] * gain * np.exp(noise * random.standard_normal((120, 3)))
        parts.append((np.full(120, photo), place, np.zeros(120), np.minimum(light, 0.9)))
    return Samples(*(np.concatenate(part) for part in zip(*parts, strict=True)))


def test_two_states_are_two_groups() -> None:
    restored = [photo % 2 == 1 for photo in range(8)]
    groups = colour_states(photo_differences(looks(restored), 8))
    assert sorted(groups) == [[0, 2, 4, 6], [1, 3, 5, 7]]


@pytest.mark.parametrize("noise", [0.0, 0.02, 0.1])
def test_one_state_is_no_group_whatever_its_light(noise: float) -> None:
    assert colour_states(photo_differences(looks([False] * 8, noise=noise), 8)) == []


def test_parts_that_do_not_overlap_are_no_states() -> None:
    one = looks([False] * 4)
    far = Samples(one.photo + 4, one.place + 10_000, one.square_radius, one.light)
    both = Samples(*(np.concatenate([getattr(side, name) for side in (one, far)]) for name in Samples.__dataclass_fields__))
    assert colour_states(photo_differences(both, 8)) == []


def test_a_drawing_and_a_grey_picture_have_no_colour() -> None:
    painted = cv2.GaussianBlur(np.random.default_rng(0).integers(0, 255, (80, 120, 3)).astype(np.uint8), (0, 0), 3)
    grey = np.repeat(cv2.cvtColor(painted, cv2.COLOR_RGB2GRAY)[..., None], 3, axis=2)
    drawing = np.repeat(255 - cv2.Canny(painted, 10, 30)[..., None], 3, axis=2)
    assert [bool(is_grey(picture)) for picture in (painted, grey, drawing)] == [False, True, True]
