"""PSNR, SSIM and the overlap of silhouettes of NumPy arrays, without torch: the same maths as in `pictures`."""

from __future__ import annotations

import math

import cv2
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
    """As `ssim`, with the taps (n,) of a symmetric window, n odd, and the constants C1 and C2.

    In float64, as variances of even places are small differences of large numbers: float32 errs in the fifth digit.
    """
    a, b = (np.ascontiguousarray(np.moveaxis(picture, -1, 0), np.float64) for picture in (image, reference))
    first, second = constants
    return float(np.mean([_channel_ssim(one, other, window, first, second) for one, other in zip(a, b, strict=True)]))


def _channel_ssim(a: Array, b: Array, window: Array, first: float, second: float) -> float:
    """Of two channels (h, w), each of the same number of places."""
    half = len(window) // 2
    mean_a, mean_b, square_a, square_b, product = (
        cv2.sepFilter2D(moment, cv2.CV_64F, window, window)[half:-half, half:-half] for moment in (a, b, a * a, b * b, a * b)
    )
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
