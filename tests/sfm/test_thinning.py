"""Matches thinned to long tracks: every photo keeps its share, weak pairs lose nothing, and cameras stand where they stood."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pycolmap

sys.path.insert(0, str(Path(__file__).resolve().parent))

from rail_matches import rmse_mm, write_rails

from grotto.contract import Silent
from grotto.contract.options import CameraOptions
from grotto.sfm.cameras import map_photos, thin_matches

Rows = dict[tuple[int, int], np.ndarray]


def matches_of(path: Path) -> Rows:
    with pycolmap.Database.open(str(path)) as database:
        ids, geometries = database.read_two_view_geometries()
    return {
        pycolmap.pair_id_to_image_pair(pair): np.asarray(geometry.inlier_matches, np.int64)
        for pair, geometry in zip(ids, geometries, strict=True)
    }


def mapped(path: Path, count: int) -> pycolmap.Reconstruction:
    (model,) = map_photos(path, count, True, False, CameraOptions(), path.parent, Silent())
    assert model.num_reg_images() == count
    return model


def test_cameras_of_thinned_matches_stand_where_they_stood(tmp_path: Path) -> None:
    truth = write_rails(tmp_path / "all.db", 5, 4, points=600)
    part = thin_matches(tmp_path / "all.db", tmp_path / "few.db", 128)
    assert 0.05 < part < 0.5
    few, whole = (mapped(tmp_path / name, len(truth)) for name in ("few.db", "all.db"))
    assert rmse_mm(few, truth) < 3 * rmse_mm(whole, truth) + 0.5


def test_what_is_kept_was_there_before_and_each_photo_has_its_share(tmp_path: Path) -> None:
    write_rails(tmp_path / "all.db", 4, 3, points=600)
    thin_matches(tmp_path / "all.db", tmp_path / "few.db", 128)
    before, after = matches_of(tmp_path / "all.db"), matches_of(tmp_path / "few.db")
    assert before.keys() == after.keys()
    points: dict[int, set[int]] = {image_id: set() for pair in after for image_id in pair}
    for pair, rows in after.items():
        assert {tuple(row) for row in rows} <= {tuple(row) for row in before[pair]}
        assert len(rows) >= min(len(before[pair]), 40)
        for image_id, column in zip(pair, rows.T, strict=True):
            points[image_id] |= set(column.tolist())
    assert min(map(len, points.values())) >= 100


def test_pairs_of_few_matches_keep_them_all(tmp_path: Path) -> None:
    write_rails(tmp_path / "all.db", 4, 3, points=40)
    assert thin_matches(tmp_path / "all.db", tmp_path / "few.db", 64) == 1.0
