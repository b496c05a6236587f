"""Every reader of files that others may have written, given damaged ones: read, or refused in words."""

from __future__ import annotations

from pathlib import Path

import pytest

from grotto.contract import ProblemError, bad_input
from grotto.evaluation import Bench, bench_command, tables_in
from grotto.evaluation.faults import BENCHES, READERS, Reader, run_cases

FIRST = 20  # the cases before are those that ask for much memory, and take long


@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.name)
def test_damaged_files_are_read_or_refused_in_words(reader: Reader, tmp_path: Path) -> None:
    cases = list(run_cases(reader, tmp_path / "files", range(FIRST, FIRST + 150)))
    assert [f"{case.number}: {case.outcome}" for case in cases if case.failed] == []
    assert {case.outcome for case in cases} >= {"read"}
    if reader.name != "events":  # whose strange lines are passed over
        assert {case.outcome for case in cases} >= {"refused"}


@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.name)
def test_the_files_that_are_damaged_are_sound(reader: Reader, tmp_path: Path) -> None:
    for path in reader.make(tmp_path):
        reader.read(path)


def test_another_exception_and_much_memory_are_failures(tmp_path: Path) -> None:
    def fails(_path: Path) -> None:
        raise KeyError("x")

    def takes(_path: Path) -> None:
        bytearray(200 * 2**20)

    def refuses(_path: Path) -> None:
        raise bad_input("no", "yes")

    def outcome(read: object) -> str:
        reader = Reader(name="points", make=READERS[0].make, read=read, changes=READERS[0].changes)  # type: ignore[arg-type]
        (case,) = run_cases(reader, tmp_path / "a" / "files", range(1), measured=True)
        return case.outcome

    assert outcome(fails) == "KeyError: 'x'"
    assert outcome(takes).startswith("200 MB for ")
    assert outcome(refuses) == "refused"
    assert len(list((tmp_path / "a" / "failed").iterdir())) == 1


def test_the_table_counts_what_processes_of_their_own_saw(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    benches: dict[str, Bench] = {bench.name: bench for bench in BENCHES}
    words = ["faults.readers", "--out", str(tmp_path), "--readers", "points", "--cases", "15"]
    assert bench_command(benches, words) == 0
    (table,) = tables_in(capsys.readouterr().out)
    assert table.rows[0][:2] == ("points", "15")
    assert table.rows[0][4] == "0"
    assert int(table.rows[0][2]) + int(table.rows[0][3]) == 15
    with pytest.raises(ProblemError, match="No reader is named"):
        benches["faults.readers"].run(tmp_path, readers="nothing")
