"""Each recipe, and each part of a wall that has an engine for CUDA, on CUDA, compared with the CPU."""

from .bench import BENCH, HEADS, Measurement, bench_gpu, gpu_table, run_trial
from .parts import NOT_MEASURED, PART_HEADS, PARTS, Part, PartFigures, measure_part, part_table
from .trials import TRIALS, Figure, Trial

__all__ = [
    "BENCH",
    "HEADS",
    "NOT_MEASURED",
    "PARTS",
    "PART_HEADS",
    "TRIALS",
    "Figure",
    "Measurement",
    "Part",
    "PartFigures",
    "Trial",
    "bench_gpu",
    "gpu_table",
    "measure_part",
    "part_table",
    "run_trial",
]
