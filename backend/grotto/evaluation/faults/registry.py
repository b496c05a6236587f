"""All trials, and the benches of this folder. A new kind of trial adds its tuple to TRIALS."""

from __future__ import annotations

import math
import sys
from pathlib import Path

from ...contract import bad_input
from ...runner import StageInTerminal
from ..bench import Bench
from .bench import HEADS, make_trials
from .connections import CONNECTION_TRIALS
from .kills import KILL_TRIALS
from .pictures import PICTURE_TRIALS
from .places import PLACE_TRIALS
from .polls import HEADS as POLL_HEADS
from .polls import run as run_polls
from .readers import READER_HEADS, READER_TRIALS, run_readers
from .stamps import STAMP_TRIALS
from .store import STORE_TRIALS
from .trial import Trial

TRIALS: tuple[Trial, ...] = (
    *STORE_TRIALS,
    *STAMP_TRIALS,
    *PLACE_TRIALS,
    *PICTURE_TRIALS,
    *CONNECTION_TRIALS,
    *KILL_TRIALS,
    *READER_TRIALS,
)


def run(out: Path, trials: str = "", times: int = 0, seconds: float = math.inf) -> str:
    """Attack real backends and count failures. A stopped run continues where it was; an hour and more on two cores.

    Args:
        out: the folder of outcomes.jsonl and of the trials' own folders
        trials: names of trials, or beginnings of names, separated by commas; all without it
        times: how often each is made, in place of its own number
        seconds: no further trial begins after so long; the table counts those that were made
    """
    beginnings = tuple(name.strip() for name in trials.split(",")) if trials else ("",)
    chosen = [trial for trial in TRIALS if trial.name.startswith(beginnings)]
    if not chosen:
        raise bad_input(f"no trial is named {trials}", f"choose of {', '.join(trial.name for trial in TRIALS)}")
    with StageInTerminal("Attacking", sys.stderr) as report:
        return make_trials(out.absolute(), chosen, times, seconds, report)


BENCHES = (
    Bench(name="faults", title="Attacks on a real backend, and how it stood them", run=run, tables=(HEADS,)),
    Bench(name="faults.polls", title="Polls of a job's status while it runs", run=run_polls, tables=(POLL_HEADS,)),
    Bench(name="faults.readers", title="Damaged files for every reader", run=run_readers, tables=(READER_HEADS,)),
)
