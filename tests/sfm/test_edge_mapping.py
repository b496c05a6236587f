"""Cameras placed with the edge of the model adjusted as it grows, beside those of global adjustment."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pycolmap
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

from rail_matches import placed_centres, rmse_mm, write_rails

from grotto.contract import Cancelled, Progress, Silent
from grotto.contract.options import CameraOptions
from grotto.sfm.cameras import edge_views, map_photos

EDGE, GLOBAL = CameraOptions(adjustment="edge"), CameraOptions(adjustment="global")


def mapped(database: Path, count: int, options: CameraOptions, report: Progress | None = None) -> list[pycolmap.Reconstruction]:
    return map_photos(database, count, True, False, options, database.parent, report or Silent())


def test_a_view_lies_inside_once_it_and_all_its_neighbours_are_placed_and_adjusted() -> None:
    neighbours = {1: {2}, 2: {1, 3}, 3: {2, 4}, 4: {3}}
    assert edge_views(neighbours, adjusted={1, 2, 3}, placed={1, 2, 3}) == [3]
    assert edge_views(neighbours, adjusted={1, 2}, placed={1, 2, 3}) == [2, 3]
    assert edge_views(neighbours, adjusted={1, 2, 3, 4}, placed={1, 2, 4}) == [2, 4]  # the third was taken out again


def test_all_photos_are_placed_as_exactly_as_by_global_adjustment(tmp_path: Path) -> None:
    truth = write_rails(tmp_path / "matches.db", 8, 5, points=60)
    models = mapped(tmp_path / "matches.db", 40, EDGE)
    assert [model.num_reg_images() for model in models] == [40]
    (whole,) = mapped(tmp_path / "matches.db", 40, GLOBAL)
    assert rmse_mm(models[0], truth) <= 1.5 * rmse_mm(whole, truth)


def test_the_same_seed_gives_the_same_numbers(tmp_path: Path) -> None:
    write_rails(tmp_path / "matches.db", 5, 4, points=60)
    (first,), (second,) = (mapped(tmp_path / "matches.db", 20, EDGE) for _ in range(2))
    assert np.array_equal(placed_centres(first), placed_centres(second))


def test_two_walls_in_one_folder_give_two_models_the_larger_first(tmp_path: Path) -> None:
    write_rails(tmp_path / "matches.db", 4, 3, walls=2, points=60)
    with pycolmap.Database.open(str(tmp_path / "matches.db")) as database:
        for image_id in range(14, 25):  # the thirteenth photo matches none
            database.delete_inlier_matches(13, image_id)
    models = mapped(tmp_path / "matches.db", 24, EDGE)
    assert [sorted(model.reg_image_ids()) for model in models] == [list(range(1, 13)), list(range(14, 25))]


@pytest.mark.parametrize("options", [EDGE, GLOBAL], ids=["edge", "global"])
def test_no_photo_is_placed_where_none_has_the_inliers_demanded(tmp_path: Path, options: CameraOptions) -> None:
    write_rails(tmp_path / "matches.db", 3, 2, points=120)
    most = CameraOptions(adjustment=options.adjustment, least_registration_inliers=1000)
    assert [model.num_reg_images() for model in mapped(tmp_path / "matches.db", 6, options)] == [6]
    assert mapped(tmp_path / "matches.db", 6, most) == []


class Stopped(Silent):
    """Cancels at the first sign of progress."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def __call__(self, fraction: float, message: str = "") -> None:
        self.told.append(message)
        self.cancelled = True


def test_a_cancel_stops_it(tmp_path: Path) -> None:
    write_rails(tmp_path / "matches.db", 8, 5, points=150)
    stopped = Stopped()
    with pytest.raises(Cancelled):
        mapped(tmp_path / "matches.db", 40, EDGE, stopped)
    assert stopped.told[0].endswith("of 40 photos placed")
