"""Tables in markdown: written from heads and rows, and read back from a page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

Heads = tuple[str, ...]  # a head with a colon before it stands over words, set left; the others over numbers, set right


@dataclass(frozen=True)
class Table:
    """A table as a page has it."""

    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def markdown_table(heads: Heads, rows: Iterable[Sequence[str]]) -> str:
    """Write a table; each row has as many cells as there are heads. Ends with a line break.

    Raises ValueError for a row of another length.
    """
    lines = [_line(shown_heads(heads)), "|" + "|".join("---" if head.startswith(":") else "---:" for head in heads) + "|"]
    for row in rows:
        if len(row) != len(heads):
            raise ValueError(f"a row of {len(row)} cells in a table of {len(heads)} columns")
        lines.append(_line(row))
    return "\n".join(lines) + "\n"


def shown_heads(heads: Heads) -> tuple[str, ...]:
    """The heads as a page shows them."""
    return tuple(head.removeprefix(":") for head in heads)


def tables_in(text: str) -> list[Table]:
    """All tables of a page, from first to last."""
    tables: list[Table] = []
    lines = text.splitlines()
    for number, line in enumerate(lines[:-1]):
        if not line.startswith("|") or set(lines[number + 1]) - set("|-: ") or not lines[number + 1].startswith("|"):
            continue
        rows = []
        for below in lines[number + 2 :]:
            if not below.startswith("|"):
                break
            rows.append(_cells(below))
        tables.append(Table(_cells(line), tuple(rows)))
    return tables


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _cells(line: str) -> tuple[str, ...]:
    return tuple(cell.strip() for cell in line.strip().removeprefix("|").removesuffix("|").split("|"))
