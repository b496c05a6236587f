"""Pages of figures: every table is a command's or says that it is none's, with the columns that the code writes and a date."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest

from grotto.contract import ProblemError
from grotto.evaluation import (
    Bench,
    Block,
    all_benches,
    bench_command,
    blocks_in,
    markdown_table,
    outside_blocks,
    shown_heads,
    tables_in,
    write_block,
)

PAGES = sorted((Path(__file__).resolve().parents[2] / "docs" / "benchmarks").glob("*.md"))
DATE = datetime.date(2026, 11, 21)
HEADS = (":name", "value")


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_blocks_of_a_page_have_the_columns_that_their_bench_writes(page: Path) -> None:
    benches = all_benches()
    text = page.read_text(encoding="utf-8")
    for block in blocks_in(text):
        assert block.lines() in text, f"the block of {block.command} has another layout"
        tables = tables_in(block.text)
        assert block.date <= datetime.datetime.now(datetime.UTC).date() + datetime.timedelta(days=1)
        if block.bench:
            written = {shown_heads(heads) for heads in benches[block.bench].tables}
            assert tables and {table.heads for table in tables} <= written, block.command
        assert all(len(row) == len(table.heads) for table in tables for row in table.rows)


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_no_table_stands_outside_of_blocks(page: Path) -> None:
    assert tables_in(outside_blocks(page.read_text(encoding="utf-8"))) == []


def test_every_bench_has_a_block_in_a_page() -> None:
    named = {block.bench for page in PAGES for block in blocks_in(page.read_text(encoding="utf-8"))}
    assert set(all_benches()) <= named


def block(value: str, command: str = "python -m grotto.evaluation core.toy --out toy") -> Block:
    return Block(command=command, date=DATE, text=markdown_table(HEADS, [("a", value)]))


def test_a_block_is_replaced_and_the_rest_of_the_page_stays(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"# Page\n\n{block('1').lines()}\n\nWords.\n", encoding="utf-8")
    write_block(page, block("2", "python -m grotto.evaluation core.toy --out other"))
    text = page.read_text(encoding="utf-8")
    assert text.startswith("# Page\n\n<!-- begin: python -m grotto.evaluation core.toy --out other, 2026-11-21 -->\n")
    assert text.endswith("<!-- end -->\n\nWords.\n")
    (found,) = blocks_in(text)
    assert (found.bench, found.date, tables_in(found.text)[0].rows) == ("core.toy", DATE, (("a", "2"),))
    assert tables_in(outside_blocks(text)) == []


def test_a_block_of_another_layout_and_a_second_one_are_replaced_too(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    loose = block("1").lines().replace("*\n\n|", "*\n|").replace("\n<!-- end", "\n\n\n<!-- end")
    assert loose != block("1").lines()
    page.write_text(f"Before.\n\n{loose}\n\nBetween.\n\n{block('2').lines()}\nAfter.\n", encoding="utf-8")
    write_block(page, block("3"))
    assert page.read_text(encoding="utf-8") == f"Before.\n\n{block('3').lines()}\n\nBetween.\n\nAfter.\n"


def test_a_page_without_the_block_and_markers_that_do_not_pair_are_refused(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# Page\n", encoding="utf-8")
    with pytest.raises(ProblemError, match=r"no block of core\.toy"):
        write_block(page, block("1"))
    with pytest.raises(ProblemError, match="has no end"):
        blocks_in(block("1").lines().replace("<!-- end -->", ""))
    with pytest.raises(ProblemError, match="does not show its command"):
        blocks_in(block("1").lines().replace("*`python", "`python"))


def test_a_command_writes_its_block_and_shortens_paths(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def run(out: Path, count: int = 1) -> str:
        """Make a table.

        Args:
            out: a folder
            count: the value
        """
        return markdown_table(HEADS, [(out.name, str(count))])

    benches = {"core.toy": Bench(name="core.toy", title="A toy", run=run, tables=(HEADS,))}
    page = tmp_path / "page.md"
    page.write_text(block("1").lines() + "\n", encoding="utf-8")
    words = ["core.toy", "--out", str(tmp_path / "toy"), "--count", "3", "--document", str(page)]
    assert bench_command(benches, words) == 0
    (written,) = blocks_in(page.read_text(encoding="utf-8"))
    assert written.command == "python -m grotto.evaluation core.toy --out toy --count 3"
    assert written.date == datetime.datetime.now(datetime.UTC).date()
    assert tables_in(capsys.readouterr().out) == tables_in(written.text)
    assert tables_in(written.text)[0].rows == (("toy", "3"),)


def test_a_row_of_another_length_is_no_row() -> None:
    with pytest.raises(ValueError, match="3 cells in a table of 2"):
        markdown_table(HEADS, [("a", "b", "c")])
