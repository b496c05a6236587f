"""Trials: something bad is done to a real backend, and what it did is compared with what it should do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Trial:
    """One kind of attack.

    `attempt(folder, number)` works in an empty folder and makes one trial or more: it returns an entry for each, empty where
    the backend did as expected, else what was seen. `number` counts attempts from 0 and seeds what is random.
    """

    name: str  # "store.page"
    what: str
    expected: str
    times: int  # single trials that make a whole run
    attempt: Callable[[Path, int], list[str]]
