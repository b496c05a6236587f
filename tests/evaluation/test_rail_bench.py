"""The bench of whole jobs on rails: its verdicts, the limit on a job's CPU time, and an earlier state of the product."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from grotto.contract import ProblemError, Silent
from grotto.contract.options import MakeWallOptions
from grotto.evaluation import tables_in
from grotto.evaluation.wall import DefaultsOutcome
from grotto.evaluation.wall.rail import (
    BENCH,
    FormerOutcome,
    JobRun,
    RailOutcome,
    RailRow,
    former_backend,
    rail_bars,
    rail_sets,
    rival_table,
    run_job,
)
from grotto.synthetic import make_wall

OURS = RailOutcome(
    name="faded-1",
    total=96,
    placed=96,
    centres_mm=0.2,
    focal_px=1299.0,
    focal_interval_px=(1297.0, 1301.0),
    true_focal_px=1300.0,
    height_mm=0.1,
    shift_mm=0.1,
    cpu_s=300.0,
    stages_s={"cameras": 100.0},
)


def verdicts(ours: RailOutcome, former: FormerOutcome | None = None, theirs: DefaultsOutcome | None = None) -> list[str]:
    row = RailRow(ours=ours, former=former, pycolmap=(theirs, 0.4) if theirs else None)
    return [cells[-1] for cells in tables_in(rail_bars([row]))[0].rows]


def former(ended: str, cpu_s: float) -> FormerOutcome:
    return FormerOutcome(commit="0aeed97", run=JobRun(ended=ended, cpu_s=cpu_s, limit_s=1500, said=""))


def test_a_focal_length_holds_by_its_error_or_by_a_narrow_interval() -> None:
    assert verdicts(OURS) == ["held"] * 4
    off = dataclasses.replace(OURS, focal_px=1296.5, focal_interval_px=(1292.7, 1300.3))
    assert verdicts(off)[2] == "held"
    assert verdicts(dataclasses.replace(off, focal_interval_px=(1293.0, 1299.9)))[2] == "missed"
    assert verdicts(dataclasses.replace(off, focal_interval_px=(1288.0, 1305.0)))[2] == "missed"
    lost = dataclasses.replace(OURS, placed=95, centres_mm=0.31, height_mm=float("nan"))
    assert verdicts(lost) == ["missed", "missed", "held", "missed"]


def test_a_rival_that_was_stopped_proves_only_what_it_had_taken_by_then() -> None:
    assert verdicts(OURS, former("done", 899.0))[-1] == "missed"
    assert verdicts(OURS, former("done", 901.0))[-1] == "held"
    assert verdicts(OURS, former("stopped", 901.0))[-1] == "held"
    assert verdicts(OURS, former("stopped", 600.0))[-1] == "not known: it was stopped too early"
    assert verdicts(OURS, former("failed", 2000.0))[-1] == "not measured: it failed"
    theirs = DefaultsOutcome(
        name="faded-1",
        step="mapping",
        ended="stopped",
        cpu_s=600.0,
        limit_s=600.0,
        placed=0,
        models=0,
        focal_px=(float("nan"),) * 2,
        centre_px=float("nan"),
    )
    assert verdicts(OURS, None, theirs)[-1] == "held"
    row = RailRow(ours=OURS, former=former("done", 1200.0), pycolmap=(theirs, float("nan")))
    cells = tables_in(rival_table([row]))[0].rows
    assert [(line[2], line[5]) for line in cells] == [("done", "0.25"), ("stopped in mapping", "under 0.50")]


def test_each_style_has_a_seed_of_its_own() -> None:
    sets = rail_sets(7, 16, 6)
    assert [(make.style, make.seed) for make in sets] == [("narrative", 7), ("faded", 8), ("thousand", 9)]
    assert all(make.columns * make.rows == 96 for make in sets)


def test_a_job_ends_at_its_limit_of_cpu_time(tmp_path: Path) -> None:
    make_wall(tmp_path / "set", MakeWallOptions(columns=2, rows=2, photo_width=600, photo_height=400, focal_px=650.0), Silent())
    run = run_job(tmp_path / "set" / "photos", tmp_path / "job", "draft", limit_s=3)
    assert run.ended == "stopped"
    assert 2.9 < run.cpu_s < 12


def test_a_commit_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ProblemError, match="no state nothing-here"):
        former_backend("nothing-here", tmp_path)


def test_only_the_page_is_written_where_nothing_may_be_measured(tmp_path: Path) -> None:
    assert tables_in(BENCH.run(out=tmp_path, at_most=-1))[0].rows == ()
