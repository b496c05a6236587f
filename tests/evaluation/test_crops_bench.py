"""The bench of crops: its groups, its errors and verdicts, one small group through all stages, and pycolmap's limit."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import cv2
import numpy as np
import pycolmap
import pytest

from grotto.contract import Silent
from grotto.evaluation import tables_in
from grotto.evaluation.wall import (
    CROPS,
    CropOutcome,
    crop_bars,
    crop_groups,
    crop_table,
    defaults_table,
    mosaic_error,
    run_defaults,
)
from grotto.synthetic import WallTruth, make_wall, read_truth

FOUND = CropOutcome(
    name="crops-1", style="faded", grain=0.7, total=121, placed=121, pieces=1, compared=480, error_px=0.01, worst_px=0.05,
    cpu_s={"photos": 9.0, "features": 100.0}, refused="",
)  # fmt: skip


def verdicts(found: list[CropOutcome], groups: int) -> list[str]:
    return [row[-1] for row in tables_in(crop_bars(found, groups))[0].rows]


def test_each_style_comes_five_times_and_half_of_the_groups_are_grainy() -> None:
    groups = crop_groups(5, 20, 11, 6000)
    assert all(sum(group.style == style for group in groups) == 5 for style in ("thousand", "narrative", "faded", "mixed"))
    assert sum(group.grain > 0.5 for group in groups) == 10
    assert {group.grain > 0.5 for group in groups if group.style == "thousand"} == {True, False}
    assert len({group.seed for group in groups}) == 20


def test_one_group_in_twenty_may_fall_apart_and_a_wrong_one_may_not() -> None:
    apart = dataclasses.replace(FOUND, placed=120, pieces=2)
    rough = dataclasses.replace(FOUND, error_px=0.2)
    assert verdicts([FOUND] * 19 + [apart], 20) == ["held", "held"]
    assert verdicts([FOUND] * 18 + [apart] * 2, 20) == ["missed", "held"]
    assert verdicts([FOUND] * 19 + [rough], 20) == ["held", "missed"]
    assert verdicts([FOUND] * 2, 20) == ["held, 2 of 20 groups measured"] * 2
    assert verdicts([], 20) == ["not measured, 0 of 20 groups measured"] * 2
    assert tables_in(crop_table([FOUND]))[0].rows[0][-1] == "109"


@pytest.fixture(scope="module")
def wall(tmp_path_factory: pytest.TempPathFactory) -> WallTruth:
    folder = tmp_path_factory.mktemp("crops") / "wall"
    make_wall(folder, crop_groups(31, 1, 2, 200)[0], Silent())
    return read_truth(folder)


def model_of(truth: WallTruth) -> pycolmap.Reconstruction:
    """The true cameras as a model."""
    model = pycolmap.Reconstruction()
    lens = truth.cameras[0]
    params = [lens.focal_px, lens.cx, lens.cy]
    camera = pycolmap.Camera(model="SIMPLE_PINHOLE", width=lens.width, height=lens.height, params=params, camera_id=1)
    model.add_camera_with_trivial_rig(camera)
    for number, photo in enumerate(truth.photos, start=1):
        image = pycolmap.Image(name=photo.name, camera_id=1, image_id=number)
        model.add_image_with_trivial_frame(image, pycolmap.Rigid3d(photo.matrix()))
    return model


def test_true_cameras_have_no_error_and_a_shifted_one_has_its_shift(wall: WallTruth) -> None:
    assert mosaic_error(model_of(wall), wall) == pytest.approx((0, 0), abs=1e-6)
    photo = wall.photos[0]
    moved = photo.matrix()
    moved[:, 3] += moved[:, :3] @ np.array([4.0, 0.0, 0.0])
    astray = dataclasses.replace(photo, camera_from_world=tuple(map(tuple, moved)))
    error, worst = mosaic_error(model_of(dataclasses.replace(wall, photos=(astray, *wall.photos[1:]))), wall)
    assert 1.0 < error < 2.0  # of four crops one is 4 px off, and the similarity takes up a part
    assert 2.0 < worst < 5.0


def test_pycolmap_is_stopped_at_its_limit_of_cpu_time(wall: WallTruth, tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    (tmp_path / "photos").mkdir()
    for number in range(16):
        cv2.imwrite(str(tmp_path / "photos" / f"{number}.png"), random.integers(0, 256, (600, 600), np.uint8))
    found = run_defaults("crops-31", tmp_path / "photos", tmp_path / "pycolmap", wall, 1.0)
    assert (found.step, found.ended) == ("features", "stopped")
    missing = run_defaults("crops-31", tmp_path / "nothing", tmp_path / "pycolmap", wall, 20.0)
    assert missing.ended == "failed"
    rows = tables_in(defaults_table([found, missing]))[0].rows
    assert [row[1] for row in rows] == ["stopped in features", f"failed in {missing.step}"]
    assert (found.placed, found.models) == (0, 0)
    assert 0.5 < found.cpu_s < 5.0


def test_a_small_group_is_placed_in_one_piece_and_is_not_measured_twice(tmp_path: Path) -> None:
    text = CROPS.run(tmp_path, seed=31, groups=1, columns=4, painting_px=520, baselines=0)
    (row,) = tables_in(text)[1].rows
    assert row[3:5] == ("16 of 16", "1")
    assert float(row[6]) < 0.1
    outcome = tmp_path / "crops-31.json"
    before = outcome.stat().st_mtime_ns
    assert CROPS.run(tmp_path, seed=31, groups=1, columns=4, painting_px=520, baselines=0, at_most=-1) == text
    assert outcome.stat().st_mtime_ns == before
