"""The whole wall job on made rails, beside an earlier state of the product and pycolmap's whole default pipeline."""

from .bench import BENCH, RailRow, rail_bars, rail_table, rival_table
from .former import JobRun, former_backend, run_job
from .sets import FormerOutcome, RailOutcome, rail_sets

__all__ = [
    "BENCH",
    "FormerOutcome",
    "JobRun",
    "RailOutcome",
    "RailRow",
    "former_backend",
    "rail_bars",
    "rail_sets",
    "rail_table",
    "rival_table",
    "run_job",
]
