"""Trials made one after the other, each outcome kept, and their table."""

from __future__ import annotations

import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ...contract import Progress
from ..markdown import Heads, markdown_table
from .kept_records import append_records, read_records
from .trial import Trial

HEADS: Heads = (":trial", ":what is done", ":expected", "trials", "failures", ":first failure")
OUTCOMES_FILE = "outcomes.jsonl"
_LONGEST = 160  # characters of a failure in the table


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What an attempt brought."""

    trial: str
    number: int  # of the attempt, from 0
    seen: list[str]  # an entry for each single trial, empty where it went as expected
    seconds: float


def make_trials(out: Path, trials: Sequence[Trial], times: int, seconds: float, report: Progress) -> str:
    """Make what is still to be made of `trials` in `out`; the table of them as markdown.

    `times` replaces the trials' own numbers where it is above 0. No attempt begins after `seconds`.
    """
    out.mkdir(parents=True, exist_ok=True)
    end = time.monotonic() + seconds
    for index, trial in enumerate(trials):
        while time.monotonic() < end:
            made = [outcome for outcome in outcomes_of(out) if outcome.trial == trial.name]
            count = sum(len(outcome.seen) for outcome in made)
            wanted = times or trial.times
            if count >= wanted:
                break
            report((index + count / wanted) / len(trials), f"{trial.name}, {count} of {wanted}")
            number = max((outcome.number for outcome in made), default=-1) + 1
            append_records(out / OUTCOMES_FILE, [_attempt(out / trial.name, trial, number)])
    report(1.0, "done")
    return faults_table(trials, outcomes_of(out))


def outcomes_of(out: Path) -> list[Outcome]:
    """The outcomes that a folder holds."""
    return read_records(out / OUTCOMES_FILE, Outcome)


def faults_table(trials: Sequence[Trial], outcomes: Sequence[Outcome]) -> str:
    """One row a trial."""
    rows = []
    for trial in trials:
        seen = [entry for outcome in outcomes if outcome.trial == trial.name for entry in outcome.seen]
        failures = [entry for entry in seen if entry]
        first = failures[0][:_LONGEST].replace("|", "/").replace("\n", " ") if failures else ""
        made = str(len(seen)) if seen else "not made"
        rows.append((trial.name, trial.what, trial.expected, made, str(len(failures)) if seen else "", first))
    return markdown_table(HEADS, rows)


def _attempt(folder: Path, trial: Trial, number: int) -> Outcome:
    here = folder / str(number)
    shutil.rmtree(here, ignore_errors=True)  # of a run that was stopped
    here.mkdir(parents=True)
    began = time.monotonic()
    seen = trial.attempt(here, number)
    if not any(seen):
        shutil.rmtree(here, ignore_errors=True)  # what failed stays to be looked at
    return Outcome(trial=trial.name, number=number, seen=seen, seconds=round(time.monotonic() - began, 1))
