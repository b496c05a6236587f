"""Damaged files for all readers, and their table."""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from ....contract import bad_input
from ....runner import StageInTerminal
from ...markdown import Heads, markdown_table
from ..kept_records import append_records, read_records
from .cases import READ, REFUSED, Case
from .processes import AT_ONCE, cases_apart
from .registry import READERS
from .trials import CASES

READER_HEADS: Heads = (
    ":reader", "cases", "read", "refused", "failures", "most memory MB", "slowest s", ":first failure",
)  # fmt: skip
_CASES_FILE = "cases.jsonl"
_LONGEST = 160  # characters of a failure in the table


def run_readers(out: Path, readers: str = "", cases: int = CASES, seconds: float = math.inf) -> str:
    """Give damaged files to every reader, in processes of their own. A stopped run continues; half an hour on two cores.

    Args:
        out: the folder of cases.jsonl and of files that failed
        readers: their names, or beginnings of names, separated by commas; all without it
        cases: how many for each
        seconds: no further ones begin after so long; the table counts those that were made
    """
    beginnings = tuple(name.strip() for name in readers.split(",")) if readers else ("",)
    chosen = [reader for reader in READERS if reader.name.startswith(beginnings)]
    if not chosen:
        raise bad_input(f"no reader is named {readers}", f"choose of {', '.join(reader.name for reader in READERS)}")
    out.mkdir(parents=True, exist_ok=True)
    end = time.monotonic() + seconds
    with StageInTerminal("Damaging", sys.stderr) as report:
        for index, reader in enumerate(chosen):
            while time.monotonic() < end:
                first = 1 + max((case.number for case in cases_of(out) if case.reader == reader.name), default=-1)
                if first >= cases:
                    break
                report((index + first / cases) / len(chosen), f"{reader.name}, {first} of {cases}")
                made = cases_apart(reader, out / reader.name, first, min(AT_ONCE, cases - first))
                append_records(out / _CASES_FILE, list(made))
        report(1.0, "done")
    return readers_table([reader.name for reader in chosen], cases_of(out))


def cases_of(out: Path) -> list[Case]:
    """The cases that a folder holds."""
    return read_records(out / _CASES_FILE, Case)


def readers_table(names: Sequence[str], cases: Sequence[Case]) -> str:
    """One row a reader."""
    rows = []
    for name in names:
        own = [case for case in cases if case.reader == name]
        failures = [case for case in own if case.failed]
        first = f"case {failures[0].number}: {failures[0].outcome}"[:_LONGEST] if failures else ""
        rows.append(
            (
                name.replace("_", " "),
                str(len(own)),
                str(sum(case.outcome == READ for case in own)),
                str(sum(case.outcome == REFUSED for case in own)),
                str(len(failures)),
                f"{max((case.peak_mb for case in own), default=0.0):.1f}",
                f"{max((case.seconds for case in own), default=0.0):.2f}",
                " ".join(first.replace("|", "/").split()),
            )
        )
    return markdown_table(READER_HEADS, rows)
