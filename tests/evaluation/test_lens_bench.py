"""The bench of lenses: its sets, its verdicts on outcomes, and one set through all stages."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from grotto.evaluation.wall import LensOutcome, lens_bars, measured_lenses, one_lens_sets, two_lens_sets

FOUND = LensOutcome(
    name="wall 1, 1.4", ratio=1.4, pattern="alternating", placed=12, total=12, lenses=2, metric=True, width_error=0.002,
    focal_px=(871.0, 1216.0), true_px=(870.0, 1218.0), interval_px=((860.0, 880.0), (1200.0, 1230.0)), mixed=0, doubts=(),
    refused="", seconds=60.0,
)  # fmt: skip


def verdicts(two: list[LensOutcome], one: list[LensOutcome]) -> list[str]:
    return [line.split("|")[-2].strip() for line in lens_bars(two, one).splitlines()[2:]]


def test_a_clear_second_lens_must_be_found_and_widths_be_right() -> None:
    assert verdicts([FOUND], []) == ["held"]
    for wrong in ({"width_error": 0.006}, {"mixed": 1}, {"metric": False}, {"refused": "no two photos", "metric": False}):
        assert verdicts([dataclasses.replace(FOUND, **wrong)], []) == ["missed"]  # type: ignore[arg-type]


def test_walls_from_a_rail_and_by_hand_are_counted_apart() -> None:
    by_hand = dataclasses.replace(FOUND, capture="by hand", width_error=0.006)
    assert verdicts([FOUND, by_hand], []) == ["held", "missed"]
    turns = [two_lens_sets(7100, (1.4,), capture)[0].make.rotation_jitter_deg for capture in ("rail", "by hand")]
    assert turns == [0.7, 4.0]


def test_a_faint_second_lens_is_found_or_the_scale_is_called_arbitrary() -> None:
    faint = dataclasses.replace(FOUND, ratio=1.02, lenses=1, mixed=6, width_error=0.03)
    assert verdicts([faint], []) == ["missed"]
    assert verdicts([dataclasses.replace(faint, metric=False)], []) == ["held"]


def test_one_lens_is_neither_split_nor_refused_and_nine_intervals_of_ten_hold() -> None:
    single = dataclasses.replace(
        FOUND, ratio=1.0, lenses=1, focal_px=(871.0,), true_px=(870.0,), interval_px=((860.0, 880.0),)
    )  # fmt: skip
    missed = dataclasses.replace(single, interval_px=((872.0, 880.0),))
    assert verdicts([], [single] * 9 + [missed]) == ["held", "held"]
    assert verdicts([], [single] * 8 + [missed] * 2) == ["held", "missed"]
    assert verdicts([], [single] * 9 + [dataclasses.replace(single, lenses=2)])[0] == "missed"


def test_sets_of_other_seeds_are_other_walls() -> None:
    reported = {chosen.make.seed for chosen in (*two_lens_sets(7100, (1.4,)), *one_lens_sets(9100, 40))}
    assert len(reported) == 43
    assert not reported & {chosen.make.seed for chosen in one_lens_sets(5100, 40)}
    assert [int(chosen.second(12).sum()) for chosen in two_lens_sets(7100, (1.4,))] == [6, 6, 3]


@pytest.mark.slow
def test_two_lenses_of_one_size_without_exif_are_told_apart(tmp_path: Path) -> None:
    found = measured_lenses(two_lens_sets(7100, (1.4,))[0], tmp_path)
    assert (found.lenses, found.mixed, found.metric) == (2, 0, True)
    assert found.held
    assert found.width_error < 0.005
    assert measured_lenses(two_lens_sets(7100, (1.4,))[0], tmp_path) == found  # kept
