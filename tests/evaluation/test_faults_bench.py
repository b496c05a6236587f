"""The bench of attacks: what it counts, what it keeps of a stopped run, and the small job that it runs."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from grotto.contract import EXIT_DONE, ProblemError
from grotto.evaluation import Bench, bench_command, tables_in
from grotto.evaluation.faults import BENCHES, HEADS, POLL_HEADS, TRIALS, Outcome, Polls, faults_table, outcomes_of, polls_table


def bench(name: str) -> Bench:
    return next(bench for bench in BENCHES if bench.name == name)


def test_failures_are_counted_and_the_first_is_shown() -> None:
    trial = TRIALS[0]
    outcomes = [
        Outcome(trial=trial.name, number=0, seen=["", ""], seconds=1.0),
        Outcome(trial=trial.name, number=1, seen=["", "it | fell\nover"], seconds=1.0),
        Outcome(trial=TRIALS[1].name, number=0, seen=["other"], seconds=1.0),
    ]
    (table,) = tables_in(faults_table([trial, TRIALS[2]], outcomes))
    assert table.rows[0][3:] == ("4", "1", "it / fell over")
    assert table.rows[1][3:] == ("not made", "", "")


def test_a_stopped_run_goes_on_and_a_torn_line_does_no_harm(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["faults", "--out", str(tmp_path), "--trials", "stamps.link,stamps.decay", "--times", "1"]
    benches = {bench.name: bench for bench in BENCHES}
    assert bench_command(benches, words) == EXIT_DONE
    made = outcomes_of(tmp_path)
    assert [(outcome.trial, outcome.seen) for outcome in made] == [("stamps.decay", [""]), ("stamps.link", [""])]
    with (tmp_path / "outcomes.jsonl").open("a") as file:
        file.write('{"trial": "stamps')
    assert bench_command(benches, words) == EXIT_DONE
    assert outcomes_of(tmp_path) == made
    first, second = (
        dict(zip((row[0] for row in table.rows), table.rows, strict=True)) for table in tables_in(capsys.readouterr().out)
    )
    for name in ("stamps.decay", "stamps.link"):
        assert first[name] == second[name] and first[name][3:5] == ("1", "0")


def test_names_of_trials_are_apart_and_unknown_ones_are_refused(tmp_path: Path) -> None:
    assert len({trial.name for trial in TRIALS}) == len(TRIALS)
    assert sum(trial.times for trial in TRIALS if trial.name in ("kills.element", "kills.wall")) >= 200
    with pytest.raises(ProblemError, match="No trial is named"):
        bench("faults").run(tmp_path, trials="nothing")


@pytest.mark.skipif(sys.platform != "linux", reason="memory is limited and measured as Linux does")
@pytest.mark.parametrize("name", ["pictures.bombs", "pictures.cut", "pictures.endless", "pictures.document"])
def test_hostile_pictures_cost_neither_memory_nor_time(tmp_path: Path, name: str) -> None:
    trial = next(trial for trial in TRIALS if trial.name == name)
    assert [entry for entry in trial.attempt(tmp_path, 0) if entry] == []


def test_polls_are_a_row_a_server() -> None:
    row = Polls(server="Grotto", clients=8, offered_hz=1000.0, answered_hz=978.4, p50_ms=7.0, p99_ms=21.1, kept_ms=0.61)
    (table,) = tables_in(polls_table([row]))
    assert table.rows == (("Grotto", "8", "1000", "978", "7.0", "21.1", "0.61"),)
    assert len(table.heads) == len(POLL_HEADS) and len(HEADS) == 6
