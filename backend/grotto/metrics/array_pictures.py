"""PSNR, SSIM and the overlap of silhouettes of NumPy arrays, without torch: the same maths as in `pictures`."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating]


def array_psnr(image: Array, reference: Array, mask: Array | None) -> float:
    """As `psnr`."""
    squared = (image.astype(np.float64) - reference.astype(np.float64)) ** 2
    if mask is None:
        error = float(squared.mean())
    else:
        weight = mask.astype(np.float64)
        if weight.shape != image.shape[:2]:
            raise ValueError(f"a mask of {weight.shape} for a picture of {image.shape}")
        total = float(weight.sum())
        if total <= 0:
            raise ValueError("the mask leaves no pixel to compare")
        error = float((squared.reshape(*weight.shape, -1).mean(-1) * weight).sum()) / total
    return math.inf if error == 0 else -10.0 * math.log10(error)


def array_ssim(image: Array, reference: Array, window: Array, constants: tuple[float, float]) -> float:
    """As `ssim`, with the taps (n,) of a symmetric window, n odd, and the constants C1 and C2."""
    kind = np.result_type(image, np.float32)
    a, b = (np.moveaxis(picture.astype(kind), -1, 0) for picture in (image, reference))
    moments = np.stack([a, b, a * a, b * b, a * b])
    mean_a, mean_b, square_a, square_b, product = _swept(_swept(moments, window, 3), window, 2)
    first, second = (kind.type(constant) for constant in constants)
    variances = square_a - mean_a**2 + square_b - mean_b**2
    covariance = product - mean_a * mean_b
    index = (2 * mean_a * mean_b + first) * (2 * covariance + second)
    index /= (mean_a**2 + mean_b**2 + first) * (variances + second)
    return float(index.mean())


def array_silhouette_iou(alpha: Array, reference: Array, threshold: float) -> float:
    """As `silhouette_iou`."""
    first, second = alpha > threshold, reference > threshold
    union = int((first | second).sum())
    return int((first & second).sum()) / union if union else 1.0


def _swept(channels: Array, window: Array, axis: int) -> Array:
    """The channels under a symmetric window along one axis, shorter by its width."""
    taps = len(window)
    kept, middle = channels.shape[axis] - taps + 1, taps // 2

    def shifted(by: int) -> Array:
        return channels[(slice(None),) * axis + (slice(by, by + kept),)]

    total = shifted(middle) * channels.dtype.type(window[middle])
    for near in range(middle):
        pair = shifted(near) + shifted(taps - 1 - near)
        pair *= channels.dtype.type(window[near])
        total += pair
    return total
