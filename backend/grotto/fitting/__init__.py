"""What every fit to pictures shares. The device is chosen here; importing this door loads nothing heavy."""

from .device import (
    CUDA_PACKAGES,
    CudaOffer,
    choose_device,
    cuda_is_present,
    cuda_offer,
    describe_cuda,
    free_gpu_bytes,
    half_precision_is_native,
    missing_cuda_packages,
    peak_gpu_memory_mb,
    release_cached_memory,
)
from .shortage import shortage_told

__all__ = [
    "CUDA_PACKAGES",
    "CudaOffer",
    "choose_device",
    "cuda_is_present",
    "cuda_offer",
    "describe_cuda",
    "free_gpu_bytes",
    "half_precision_is_native",
    "missing_cuda_packages",
    "peak_gpu_memory_mb",
    "release_cached_memory",
    "shortage_told",
]
