"""Drawn ornaments: intricate, of five kinds, and the same each time."""

from __future__ import annotations

import cv2
import numpy as np

from grotto.evaluation.element import draw_ornament


def test_ornaments_are_open_work_trails_and_many_parts() -> None:
    drawn = [draw_ornament(number, 200) for number in range(5)]
    assert np.array_equal(drawn[1], draw_ornament(1, 200))
    contours = [len(cv2.findContours((one.min(axis=2) < 128).astype(np.uint8), cv2.RETR_CCOMP, 2)[0]) for one in drawn]
    assert min(contours) > 8
