"""Each recipe on CUDA, compared with the CPU."""

from .bench import BENCH, HEADS, NOT_MEASURED, Measurement, bench_gpu, gpu_table, run_trial
from .trials import TRIALS, Figure, Trial

__all__ = ["BENCH", "HEADS", "NOT_MEASURED", "TRIALS", "Figure", "Measurement", "Trial", "bench_gpu", "gpu_table", "run_trial"]
