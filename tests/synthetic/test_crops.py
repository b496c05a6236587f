"""Crops of one painting: whole-pixel windows, overlaps as asked, and a truth that says so."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from grotto.contract import ProblemError, Silent
from grotto.contract.options import MakeWallOptions
from grotto.synthetic import make_wall, project, read_truth

OPTIONS = MakeWallOptions(capture="crops", columns=4, rows=3, painting_px=600, seed=1)


@pytest.fixture(scope="module")
def crops(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("crops")
    make_wall(folder, OPTIONS, Silent())
    return folder


def test_each_photo_is_its_window_of_the_painting_but_for_jpeg(crops: Path) -> None:
    truth = read_truth(crops)
    painting = truth.read_orthophoto()
    assert len(truth.photos) == 12
    for photo in truth.photos:
        left, top = photo.offset_px
        seen = cv2.imread(str(crops / "photos" / photo.name), cv2.IMREAD_COLOR_RGB)
        window = painting[top : top + seen.shape[0], left : left + seen.shape[1]]
        assert window.shape == seen.shape
        assert np.abs(seen.astype(int) - window).mean() < 4
        moved = painting[top : top + seen.shape[0], left + 1 : left + 1 + seen.shape[1]]
        if moved.shape == seen.shape:
            assert np.abs(seen.astype(int) - moved).mean() > 1.5 * np.abs(seen.astype(int) - window).mean()


def test_neighbours_share_what_was_asked_for(crops: Path) -> None:
    truth = read_truth(crops)
    width, height = truth.cameras[0].width, truth.cameras[0].height
    at = {(photo.row, photo.column): photo.offset_px for photo in truth.photos}
    for (row, column), (left, top) in at.items():
        if (row, column + 1) in at:
            assert 0.44 <= 1 - (at[row, column + 1][0] - left) / width <= 0.66
        if (row + 1, column) in at:
            assert 0.44 <= 1 - (at[row + 1, column][1] - top) / height <= 0.66
    assert max(left for left, _ in at.values()) + width >= 590


def test_the_cameras_of_crops_see_the_painting_as_the_windows_do(crops: Path) -> None:
    truth = read_truth(crops)
    assert not truth.focal_observable
    camera, photo = truth.cameras[0], truth.photos[5]
    left, top = photo.offset_px
    points = np.array([[left + 10.0, 0.0, 600.0 - (top + 20.0)], [left + 50.5, 0.0, 600.0 - (top + 3.0)]])
    pixels = project(camera, points @ photo.matrix()[:, :3].T + photo.matrix()[:, 3])
    np.testing.assert_allclose(pixels, [[10, 20], [50.5, 3]], atol=1e-9)


def test_crops_that_cannot_be_cut_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ProblemError, match="pixels wide"):
        make_wall(tmp_path / "a", MakeWallOptions(capture="crops", painting_px=300), Silent())
    with pytest.raises(ProblemError, match="overlap is below"):
        options = MakeWallOptions(capture="crops", painting_px=600, least_crop_overlap=0.6, most_crop_overlap=0.5)
        make_wall(tmp_path / "b", options, Silent())
