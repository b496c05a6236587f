"""How near one picture is to another: PSNR, SSIM and the overlap of silhouettes. Values 0 to 1.

torch is imported where it is used: rooms that read photos offer these measures, too, and would take seconds to load.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from torch import Tensor

Picture: TypeAlias = "NDArray[np.floating] | Tensor"

_TAPS, _SIGMA = 11, 1.5  # Wang and others 2004, section III-B
_LEAST_CONTRAST = 1e-5  # of colours: without contrast a correlation means nothing
_C1, _C2 = 0.01**2, 0.03**2  # the same, K1 = .01 and K2 = .03 for values 0 to 1


def psnr(image: Picture, reference: Picture, mask: Picture | None = None) -> float:
    """Peak signal to noise ratio in dB, -10 log10 of the mean squared difference of two (h, w, c) pictures.

    `mask` (h, w), 0 to 1, weights the pixels. Equal pictures give infinity. Raises ValueError where shapes differ or the mask
    leaves nothing.
    """
    first, second = _as_tensor(image).double(), _as_tensor(reference).double()
    _same_shape(first, second)
    squared = (first - second.to(first.device)) ** 2
    if mask is None:
        error = float(squared.mean())
    else:
        weight = _as_tensor(mask).double().to(first.device)
        if weight.shape != first.shape[:2]:
            raise ValueError(f"a mask of {tuple(weight.shape)} for a picture of {tuple(first.shape)}")
        total = float(weight.sum())
        if total <= 0:
            raise ValueError("the mask leaves no pixel to compare")
        per_pixel = squared.reshape(*weight.shape, -1).mean(-1)
        error = float((per_pixel * weight).sum()) / total
    return math.inf if error == 0 else -10.0 * math.log10(error)


def ssim(image: Picture, reference: Picture) -> Tensor:
    """Structural similarity of two (h, w, c) pictures: a scalar tensor, differentiable in both.

    Wang, Bovik, Sheikh and Simoncelli, Image quality assessment, 2004, equation 13 with a Gaussian window of 11 x 11 taps and
    sigma 1.5, variances without Bessel's correction, averaged over channels and over the places where the window lies wholly
    in the picture. Raises ValueError where shapes differ or a side is shorter than the window.
    """
    import torch

    first, second = _as_tensor(image), _as_tensor(reference)
    _same_shape(first, second)
    if min(first.shape[0], first.shape[1]) < _TAPS:
        raise ValueError(f"pictures of {tuple(first.shape)} are smaller than the window of {_TAPS} pixels")
    a, b = first.movedim(-1, 0)[:, None], second.to(first).movedim(-1, 0)[:, None]
    moments = _blurred(torch.cat([a, b, a * a, b * b, a * b]))
    mean_a, mean_b, square_a, square_b, product = moments.chunk(5)
    variances = square_a - mean_a**2 + square_b - mean_b**2
    covariance = product - mean_a * mean_b
    index = (2 * mean_a * mean_b + _C1) * (2 * covariance + _C2) / ((mean_a**2 + mean_b**2 + _C1) * (variances + _C2))
    return index.mean()


def silhouette_iou(alpha: Picture, reference: Picture, threshold: float = 0.5) -> float:
    """Intersection over union of what is opaque in two (h, w) alphas; 1 where both are empty."""
    first, second = _as_tensor(alpha) > threshold, _as_tensor(reference) > threshold
    _same_shape(first, second)
    second = second.to(first.device)
    union = int((first | second).sum())
    return int((first & second).sum()) / union if union else 1.0


def _blurred(channels: Tensor) -> Tensor:
    """(n, 1, h, w) under the window, smaller by its width; a window of rows times one of columns."""
    import torch
    from torch.nn import functional

    offsets = torch.arange(_TAPS, dtype=channels.dtype, device=channels.device) - _TAPS // 2
    window = torch.exp(-(offsets**2) / (2 * _SIGMA**2))
    window = window / window.sum()
    if channels.device.type == "cpu" and not channels.requires_grad:
        return _swept(_swept(channels, window, 3), window, 2)
    return functional.conv2d(functional.conv2d(channels, window.view(1, 1, 1, -1)), window.view(1, 1, -1, 1))


def _swept(channels: Tensor, window: Tensor, axis: int) -> Tensor:
    """The channels under a symmetric window along one axis: sums of shifted copies, which a CPU does faster than torch's
    convolution of one channel."""
    kept = channels.shape[axis] - _TAPS + 1
    total = channels.narrow(axis, _TAPS // 2, kept) * window[_TAPS // 2]
    for near in range(_TAPS // 2):
        pair = channels.narrow(axis, near, kept) + channels.narrow(axis, _TAPS - 1 - near, kept)
        total.add_(pair, alpha=float(window[near]))
    return total


def _as_tensor(picture: Picture) -> Tensor:
    import torch

    return torch.as_tensor(picture)


def _same_shape(first: Tensor, second: Tensor) -> None:
    if first.shape != second.shape:
        raise ValueError(f"pictures of {tuple(first.shape)} and {tuple(second.shape)} cannot be compared")


def colour_correlation(one: NDArray[np.floating], two: NDArray[np.floating]) -> float:
    """Pearson correlation of two lists of colours (n, 3), each channel centred; 1 where either has hardly any contrast."""
    first, second = one - one.mean(0), two - two.mean(0)
    spread = float(np.sqrt((first**2).mean() * (second**2).mean()))
    return 1.0 if spread < _LEAST_CONTRAST else float((first * second).mean() / spread)
