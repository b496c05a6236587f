"""Pictures without colour are told from painted ones."""

from __future__ import annotations

import cv2
import numpy as np

from grotto.ortho import is_grey


def test_a_drawing_and_a_grey_picture_have_no_colour() -> None:
    painted = cv2.GaussianBlur(np.random.default_rng(0).integers(0, 255, (80, 120, 3)).astype(np.uint8), (0, 0), 3)
    grey = np.repeat(cv2.cvtColor(painted, cv2.COLOR_RGB2GRAY)[..., None], 3, axis=2)
    drawing = np.repeat(255 - cv2.Canny(painted, 10, 30)[..., None], 3, axis=2)
    assert [bool(is_grey(picture)) for picture in (painted, grey, drawing)] == [False, True, True]
