"""SSIM with its gradient in closed form on a CPU: equals `metrics.ssim`, several times faster.

Torch's convolutions of single channels are most of a step's time at a fit's picture sizes; OpenCV's separable filter is not.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from ..metrics import ssim

Array32 = NDArray[np.float32]

_TAPS, _SIGMA = 11, 1.5  # Wang and others 2004, section III-B, as in `metrics`
_C1, _C2 = np.float32(0.01**2), np.float32(0.03**2)
_RIM = _TAPS // 2


def structural_similarity(picture: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    """SSIM of two (h, w, 3) pictures; on a CPU, no gradient reaches the target."""
    if picture.device.type != "cpu":
        return ssim(picture, target)
    return _similarity(picture, target.detach())


def _window() -> Array32:
    offsets = np.arange(_TAPS, dtype=np.float64) - _RIM
    window = np.exp(-(offsets**2) / (2 * _SIGMA**2))
    return (window / window.sum()).astype(np.float32)


def _blurred(picture: Array32) -> Array32:
    """(h - 10, w - 10, 3) under the window, where it lies wholly in the picture."""
    whole = cv2.sepFilter2D(picture, -1, _window(), _window(), borderType=cv2.BORDER_CONSTANT)
    return np.asarray(whole[_RIM:-_RIM, _RIM:-_RIM], np.float32)


def _spread(slopes: Array32) -> Array32:
    """The adjoint of `_blurred`: (h, w, 3) of (h - 10, w - 10, 3)."""
    padded = np.pad(slopes, ((_RIM, _RIM), (_RIM, _RIM), (0, 0)))
    return np.asarray(cv2.sepFilter2D(padded, -1, _window(), _window(), borderType=cv2.BORDER_CONSTANT), np.float32)


class _Similarity(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, picture: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        a = np.ascontiguousarray(picture.detach().numpy(), np.float32)
        b = np.ascontiguousarray(target.numpy(), np.float32)
        mean_a, mean_b, square_a, square_b, product = (_blurred(x) for x in (a, b, a * a, b * b, a * b))
        means, covariance = mean_a * mean_b, product - mean_a * mean_b
        squares, variances = mean_a**2 + mean_b**2, square_a - mean_a**2 + square_b - mean_b**2
        brightness, structure = (2 * means + _C1) / (squares + _C1), (2 * covariance + _C2) / (variances + _C2)
        index = brightness * structure
        to_brightness, to_structure = structure / (squares + _C1), brightness / (variances + _C2)
        to_product = 2 * to_structure
        to_square = -to_structure * structure
        to_mean = to_brightness * 2 * (mean_b - brightness * mean_a) - to_product * mean_b - 2 * to_square * mean_a
        ctx.held = a, b, to_mean, to_square, to_product
        return torch.tensor(float(index.mean(dtype=np.float64)), dtype=picture.dtype)

    @staticmethod
    def backward(ctx: Any, slope: torch.Tensor) -> Any:
        a, b, to_mean, to_square, to_product = ctx.held
        change = _spread(to_mean) + 2 * a * _spread(to_square) + b * _spread(to_product)
        return torch.from_numpy(change) * (slope / to_mean.size), None


_similarity: Callable[[torch.Tensor, torch.Tensor], torch.Tensor] = _Similarity.apply
