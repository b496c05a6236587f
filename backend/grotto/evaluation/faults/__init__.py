"""The backend attacked: kills, damage, locks, hostile connections, and how quickly it answers under load."""

from .bench import HEADS, Outcome, faults_table, outcomes_of
from .polls import HEADS as POLL_HEADS
from .polls import Polls, polls_table
from .registry import BENCHES, TRIALS
from .trial import Trial

__all__ = [
    "BENCHES",
    "HEADS",
    "POLL_HEADS",
    "TRIALS",
    "Outcome",
    "Polls",
    "Trial",
    "faults_table",
    "outcomes_of",
    "polls_table",
]
