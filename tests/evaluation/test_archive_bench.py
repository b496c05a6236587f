"""The bench of archive pictures: its truth, its errors and its verdicts."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from grotto.contract import ProblemError, Silent
from grotto.evaluation import tables_in
from grotto.evaluation.wall import ARCHIVE, MADE, REAL, ArchiveOutcome, archive_bars, archive_sets, archive_table, overlapping
from grotto.synthetic import ArchivePicture, ArchiveSet, make_archive, read_archive

TINY = ArchiveSet(seed=1, wide=1, details=1, painting=(600, 400), wide_px=(200, 220), detail_px=(120, 140))


def flat_picture(name: str, left: float, scale: float, width: int = 100) -> ArchivePicture:
    matrix = ((scale, 0.0, -scale * left), (0.0, scale, 0.0), (0.0, 0.0, 1.0))
    return ArchivePicture(
        name=name, width=width, height=100, kind="wide", picture_from_painting=matrix, centre=(50.0, 50.0), unit=70.0, radial=0.01
    )


OUTCOME = ArchiveOutcome(
    name="set-1", paint=MADE, wide=1, details=2, ratio=4.0, overlapping=3, missing=0, placed=3, chained=2,
    error_px=0.3, worst_px=0.5, chained_px=2.0, chained_worst_px=3.0, residual_px=0.4, upright_deg=0.1, seconds=20.0, refused="",
)  # fmt: skip


def test_a_picture_and_its_truth_agree(tmp_path: Path) -> None:
    pictures = make_archive(tmp_path, TINY, [], Silent())
    assert read_archive(tmp_path) == pictures
    for picture in pictures:
        px = np.array([[3.0, 4.0], [picture.width - 5.0, picture.height / 2]])
        assert picture.project(picture.locate(px)) == pytest.approx(px, abs=1e-6)
        assert (tmp_path / "pictures" / picture.name).is_file()
    with pytest.raises(ProblemError):
        make_archive(tmp_path, TINY, [], Silent())


def test_details_are_finer_by_the_ratios_asked_for() -> None:
    for chosen in archive_sets(5, 8):
        assert 1 <= chosen.wide <= 4
        assert 2 <= chosen.details <= 10


def test_a_tenth_shown_is_an_overlap_and_less_is_none() -> None:
    first, near, far = flat_picture("a", 0, 1), flat_picture("b", 80, 1), flat_picture("c", 172, 1)
    assert overlapping([first, near, far]) == ["a", "b"]
    assert overlapping([first, near, flat_picture("c", 160, 1)]) == ["a", "b", "c"]


def test_a_lens_that_folds_back_shows_nothing_of_a_place_far_off() -> None:
    near, far = flat_picture("a", 0, 1), flat_picture("b", 800, 1)
    bent = dataclasses.replace(near, radial=-0.006)
    beyond = far.locate(np.array([[far.width / 2, far.height / 2]]))
    assert np.isnan(bent.project(beyond)).all()
    assert np.isfinite(bent.project(bent.locate(np.array([[1.0, 1.0]])))).all()
    assert len(overlapping([bent, *(flat_picture(str(left), left, 1) for left in range(200, 1400, 20))])) > 2
    assert "a" not in overlapping([bent, *(flat_picture(str(left), left, 1) for left in range(200, 1400, 20))])


def test_verdicts_count_whole_sets() -> None:
    outside = dataclasses.replace(OUTCOME, missing=1, placed=4)
    rough = dataclasses.replace(OUTCOME, error_px=1.6)
    rows = tables_in(archive_bars([OUTCOME, outside, rough], 3))[0].rows
    assert [row[1] for row in rows] == ["2", "1", "0"]
    assert rows[0][-1] == "missed"
    assert tables_in(archive_bars([OUTCOME], 10))[0].rows[0][-1] == "held so far"
    assert {row[-1] for row in tables_in(archive_bars([], 10))[0].rows} == {"not measured"}


def test_sets_with_real_figures_are_told_from_those_without() -> None:
    painted = dataclasses.replace(OUTCOME, paint=REAL, missing=1)
    rows = tables_in(archive_bars([OUTCOME, OUTCOME, painted], 2))[0].rows
    assert [(row[1], row[2], row[-1]) for row in rows[:1]] == [("2", "2", "held")]
    assert [(row[1], row[2], row[-1]) for row in rows[3:4]] == [("0", "1", "missed so far")]
    assert all(REAL in row[0] for row in rows[3:])
    assert [row[1] for row in tables_in(archive_table([OUTCOME, painted]))[0].rows] == [MADE, REAL]


def test_the_bench_writes_its_heads_without_any_set(tmp_path: Path) -> None:
    assert len(tables_in(ARCHIVE.run(tmp_path, at_most=-1))) == 2
