"""`grotto evaluate wall`: the paper's tables in one page."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from grotto.contract import ProblemError, Silent
from grotto.evaluation import Bench, evaluate_command
from grotto.evaluation.wall import PAPER_PARTS, evaluate_wall
from grotto.runner import StageInTerminal

HEADS = (":name",)


def test_the_page_names_each_table_and_what_is_not_measured(tmp_path: Path) -> None:
    stream = io.StringIO()
    evaluate_command("wall", ["--out", str(tmp_path), "--at-most", "-1"], stream, lambda title: StageInTerminal(title, stream))
    page = (tmp_path / "wall.md").read_text(encoding="utf-8")
    assert page in stream.getvalue()
    named = [table for part in PAPER_PARTS for table in part.tables]
    assert sorted(set(named)) == [f"Table {number}" for number in (1, 2, 4, 5, 6, 7, 8)]
    headings = [line for line in page.splitlines() if line.startswith("## ")]
    assert all(any(table in line for line in headings) for table in named)
    assert page.count("Not measured yet.") >= 9  # the matcher and eight rail sets
    assert "0 of 20 groups measured" in page
    assert "Table 3" in page


def test_unknown_parts_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ProblemError, match="There is no magic"):
        evaluate_wall(tmp_path, ("magic",), -1, {}, Silent())


def test_a_bench_joins_by_its_registration_and_a_finished_one_is_kept(tmp_path: Path) -> None:
    runs: list[str] = []

    def cracks(out: Path) -> str:
        runs.append("cracks")
        return "| cracks |\n"

    def edges(out: Path, at_most: int = 0) -> str:
        runs.append(f"edges {at_most}")
        return "| edges |\n"

    benches = {
        name: Bench(name=name, title=name, run=run, tables=(HEADS,))
        for name, run in (("wall.cracks", cracks), ("wall.edges", edges))
    }
    page = evaluate_wall(tmp_path, ("cracks", "edges"), 1, benches, Silent())
    assert "## Table 5: edges" in page
    assert "## Beyond the paper: cracks" in page
    assert runs == ["edges 1", "cracks"]
    assert evaluate_wall(tmp_path, ("cracks", "edges"), 1, benches, Silent()) == page
    assert runs == ["edges 1", "cracks", "edges 1"]
    assert "Not measured yet: there is no bench wall.edges" in evaluate_wall(tmp_path, ("edges",), 1, {}, Silent())
