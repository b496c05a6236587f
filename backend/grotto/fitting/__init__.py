"""The one loop of all fits: steps, progress, checkpoints, divergence, memory, previews; and the choice of the device.

Importing this door loads nothing heavy.
"""

from .checkpoint import CHECKPOINT_FILE
from .device import (
    CUDA_PACKAGES,
    CudaOffer,
    choose_device,
    choose_gpu,
    cuda_is_present,
    cuda_offer,
    describe_cuda,
    free_gpu_bytes,
    half_precision_is_native,
    missing_cuda_packages,
    peak_gpu_memory_mb,
    release_cached_memory,
)
from .divergence import Divergence, LossTracker
from .fit import Fit, State
from .loop import FitOutcome, FitPlan, Intervals, run_fit
from .memory import memory_shortage
from .preview import FitPreview, Picture, next_to

__all__ = [
    "CHECKPOINT_FILE",
    "CUDA_PACKAGES",
    "CudaOffer",
    "Divergence",
    "Fit",
    "FitOutcome",
    "FitPlan",
    "FitPreview",
    "Intervals",
    "LossTracker",
    "Picture",
    "State",
    "choose_device",
    "choose_gpu",
    "cuda_is_present",
    "cuda_offer",
    "describe_cuda",
    "free_gpu_bytes",
    "half_precision_is_native",
    "memory_shortage",
    "missing_cuda_packages",
    "next_to",
    "peak_gpu_memory_mb",
    "release_cached_memory",
    "run_fit",
]
