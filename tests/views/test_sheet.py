"""Sheets of generated views: tiles meet their cameras, in the order of reading."""

from __future__ import annotations

import numpy as np
import pytest

from grotto.contract import Kind, ProblemError
from grotto.scene import zero123plus_rig
from grotto.views import views_of_sheet


def _sheet() -> np.ndarray:
    """Six tiles of 20 x 20 pixels; the red of each says its number, and one corner of each is clear."""
    sheet = np.zeros((60, 40, 4), np.float32)
    for number in range(6):
        row, column = divmod(number, 2)
        sheet[20 * row : 20 * row + 20, 20 * column : 20 * column + 20] = (number / 10, 0.5, 0.25, 1)
        sheet[20 * row, 20 * column] = (0.9, 0.9, 0.9, 0)
    return sheet


def test_tiles_are_read_row_by_row_with_their_cameras() -> None:
    cameras = zero123plus_rig("v1.1", 320)
    views = views_of_sheet(_sheet(), cameras)
    assert [round(float(view.colour[5, 5, 0]) * 10) for view in views] == [0, 1, 2, 3, 4, 5]
    for view, camera in zip(views, cameras, strict=True):
        assert (view.camera.width, view.camera.height) == (20, 20)
        np.testing.assert_allclose(view.camera.camera_from_world, camera.camera_from_world)
        assert view.camera.focal_x == pytest.approx(camera.focal_x / 16)


def test_what_is_clear_stays_clear_and_black() -> None:
    view = views_of_sheet(_sheet(), zero123plus_rig("v1.1", 320))[3]
    assert view.alpha is not None
    assert view.alpha[0, 0] == 0
    assert view.alpha[0, 1] == 1
    assert view.colour[0, 0].tolist() == [0, 0, 0]


def _without_object() -> np.ndarray:
    sheet = _sheet()
    sheet[40:, 20:, 3] = 0
    return sheet


@pytest.mark.parametrize(
    ("sheet", "cause"),
    [
        (_sheet()[..., :3], "has no alpha"),
        (_sheet()[:59], "does not divide"),
        (_without_object(), "Tile 6"),
    ],
)
def test_sheets_that_are_none_are_refused(sheet: np.ndarray, cause: str) -> None:
    with pytest.raises(ProblemError, match=cause) as caught:
        views_of_sheet(sheet, zero123plus_rig("v1.1", 320))
    assert caught.value.problem.kind is Kind.BAD_INPUT
    assert caught.value.problem.remedy


def test_cameras_must_fill_the_rows() -> None:
    with pytest.raises(ProblemError, match="5 cameras"):
        views_of_sheet(_sheet(), zero123plus_rig("v1.1", 320)[:5])
