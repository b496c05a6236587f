"""The made court: a subject of height 1 in surroundings as large as was asked for, with the masks of the subject."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from grotto.contract import Silent
from grotto.formats import read_mesh_ply
from grotto.synthetic import (
    COURT_MASKS,
    COURT_SUBJECT,
    COURT_SURROUNDINGS,
    court_cameras,
    make_court,
    make_court_set,
    photograph_court,
    room_cameras,
)


@pytest.mark.parametrize("name", ["deer", "knot", "teapot"])
def test_the_subject_stands_on_the_ground_and_is_one_high(name: str) -> None:
    court = make_court(name, 20.0, cells=32)
    assert court.subject.vertices[:, 2].min() == pytest.approx(0.0, abs=1e-6)
    assert court.subject.vertices[:, 2].max() == pytest.approx(1.0, abs=1e-6)
    assert np.ptp(court.surroundings.vertices[:, :2], axis=0) == pytest.approx([20.0, 20.0])
    assert len(court.parts) == len(court.whole().faces)


def test_photos_show_subject_and_surroundings() -> None:
    court = make_court("teapot", 5.0, cells=32)
    views = [photograph_court(court, camera, "x", samples=1) for camera in court_cameras(3, 48)]
    for view in views:
        assert view.alpha is not None and 0.05 < view.alpha.mean() < 0.5
        border = np.concatenate([view.alpha[0], view.alpha[-1], view.alpha[:, 0], view.alpha[:, -1]])
        assert border.max() == 0, "the subject is whole in every photo"
        assert view.colour[view.alpha == 0].std() > 0.05, "the surroundings are not plain"


def test_a_court_taken_from_within_shows_no_subject() -> None:
    """Its cameras look all ways, and none looks at the middle."""
    court, cameras = make_court("bowl", 4.0, cells=32), room_cameras(12, 24)
    views = [photograph_court(court, camera, "x", samples=1) for camera in cameras]
    assert all(view.alpha is not None and view.alpha.max() == 0 for view in views)
    directions = np.stack([camera.camera_from_world[2, :2] for camera in cameras])
    assert np.linalg.norm(directions.mean(0)) < 0.1 and min(view.colour.std() for view in views) > 0.05


def test_a_set_is_written_without_alpha_and_the_same_again(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        make_court_set("teapot", 5.0, tmp_path / folder, Silent(), views=3, size=16, cells=24)
    first, second = (tmp_path / folder / "photos" / "001.png" for folder in ("a", "b"))
    assert first.read_bytes() == second.read_bytes()
    assert Image.open(first).mode == "RGB"
    assert Image.open(tmp_path / "a" / COURT_MASKS / "001.png").mode == "L"
    for truth in (COURT_SUBJECT, COURT_SURROUNDINGS):
        assert len(read_mesh_ply(tmp_path / "a" / truth).faces) >= 10
