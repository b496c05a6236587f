"""The one loop of all fits to pictures: steps, progress, previews, checkpoints, divergence, memory."""

from .checkpoint import CHECKPOINT_FILE
from .divergence import Divergence, LossTracker
from .fit import Fit, State
from .loop import FitOutcome, FitPlan, Intervals, run_fit
from .memory import memory_shortage
from .preview import Picture, Preview, next_to

__all__ = [
    "CHECKPOINT_FILE",
    "Divergence",
    "Fit",
    "FitOutcome",
    "FitPlan",
    "Intervals",
    "LossTracker",
    "Picture",
    "Preview",
    "State",
    "memory_shortage",
    "next_to",
    "run_fit",
]
