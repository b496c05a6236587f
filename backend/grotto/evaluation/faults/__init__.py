"""The backend attacked: kills, damage, locks, hostile connections, and how quickly it answers under load."""

from .bench import HEADS, Outcome, faults_table, outcomes_of
from .polls import HEADS as POLL_HEADS
from .polls import Polls, polls_table
from .readers import READER_HEADS, READERS, Case, Reader, run_cases
from .registry import BENCHES, TRIALS
from .trial import Trial

__all__ = [
    "BENCHES",
    "HEADS",
    "POLL_HEADS",
    "READERS",
    "READER_HEADS",
    "TRIALS",
    "Case",
    "Outcome",
    "Polls",
    "Reader",
    "Trial",
    "faults_table",
    "outcomes_of",
    "polls_table",
    "run_cases",
]
