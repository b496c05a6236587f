"""The readers as trials among the others."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from ..trial import Trial
from .processes import AT_ONCE, cases_apart
from .reader import Reader
from .registry import READERS

CASES = 3600  # a reader, so that all make more than 50,000


def _attempt(reader: Reader, folder: Path, number: int) -> list[str]:
    cases = list(cases_apart(reader, folder, number * AT_ONCE, AT_ONCE))
    return [f"case {case.number}: {case.outcome}" if case.failed else "" for case in cases]


READER_TRIALS = tuple(
    Trial(
        name=f"readers.{reader.name}",
        what=f"damaged files for the reader of {reader.name.replace('_', ' ')}",
        expected="read, or refused as bad input, in ten times its size and 100 MB",
        times=CASES,
        attempt=partial(_attempt, reader),
    )
    for reader in READERS
)
