"""How near one picture is to another: PSNR, SSIM and the overlap of silhouettes. Values 0 to 1.

Arrays are compared without torch, which takes seconds to load; tensors on their device, with gradients.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, TypeAlias, TypeGuard, overload

import numpy as np
from numpy.typing import NDArray

from .array_pictures import array_psnr, array_silhouette_iou, array_ssim

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
    _same_shape(image, reference)
    if _is_array(image) and _is_array(reference) and (mask is None or _is_array(mask)):
        return array_psnr(image, reference, mask)
    first, second = _as_tensor(image).double(), _as_tensor(reference).double()
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


@overload
def ssim(image: NDArray[np.floating], reference: NDArray[np.floating]) -> float: ...


@overload
def ssim(image: Tensor, reference: Picture) -> Tensor: ...


@overload
def ssim(image: Picture, reference: Picture) -> Tensor | float: ...


def ssim(image: Picture, reference: Picture) -> Tensor | float:
    """Structural similarity of two (h, w, c) pictures; of tensors a scalar tensor, differentiable in both.

    Wang, Bovik, Sheikh and Simoncelli, Image quality assessment, 2004, equation 13 with a Gaussian window of 11 x 11 taps and
    sigma 1.5, variances without Bessel's correction, averaged over channels and over the places where the window lies wholly
    in the picture. Raises ValueError where shapes differ or a side is shorter than the window.
    """
    _same_shape(image, reference)
    if min(image.shape[0], image.shape[1]) < _TAPS:
        raise ValueError(f"pictures of {tuple(image.shape)} are smaller than the window of {_TAPS} pixels")
    if _is_array(image) and _is_array(reference):
        return array_ssim(image, reference, _window(), (_C1, _C2))
    import torch

    first, second = _as_tensor(image), _as_tensor(reference)
    a, b = first.movedim(-1, 0)[:, None], second.to(first).movedim(-1, 0)[:, None]
    moments = _blurred(torch.cat([a, b, a * a, b * b, a * b]))
    mean_a, mean_b, square_a, square_b, product = moments.chunk(5)
    variances = square_a - mean_a**2 + square_b - mean_b**2
    covariance = product - mean_a * mean_b
    index = (2 * mean_a * mean_b + _C1) * (2 * covariance + _C2) / ((mean_a**2 + mean_b**2 + _C1) * (variances + _C2))
    return index.mean()


def silhouette_iou(alpha: Picture, reference: Picture, threshold: float = 0.5) -> float:
    """Intersection over union of what is opaque in two (h, w) alphas; 1 where both are empty."""
    _same_shape(alpha, reference)
    if _is_array(alpha) and _is_array(reference):
        return array_silhouette_iou(alpha, reference, threshold)
    first, second = _as_tensor(alpha) > threshold, _as_tensor(reference) > threshold
    second = second.to(first.device)
    union = int((first | second).sum())
    return int((first & second).sum()) / union if union else 1.0


def _blurred(channels: Tensor) -> Tensor:
    """(n, 1, h, w) under the window, smaller by its width; a window of rows times one of columns."""
    import torch
    from torch.nn import functional

    window = torch.as_tensor(_window(), dtype=channels.dtype, device=channels.device)
    if channels.device.type == "cpu" and not channels.requires_grad:
        return _swept(_swept(channels, window, 3), window, 2)
    return functional.conv2d(functional.conv2d(channels, window.view(1, 1, 1, -1)), window.view(1, 1, -1, 1))


def _window() -> NDArray[np.float64]:
    """(11,) the Gaussian's taps, their sum 1."""
    offsets = np.arange(_TAPS) - _TAPS // 2
    taps = np.exp(-(offsets**2) / (2 * _SIGMA**2))
    return taps / taps.sum()


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


def _is_array(picture: Picture) -> TypeGuard[NDArray[np.floating]]:
    return isinstance(picture, np.ndarray)


def _same_shape(first: Picture, second: Picture) -> None:
    if tuple(first.shape) != tuple(second.shape):
        raise ValueError(f"pictures of {tuple(first.shape)} and {tuple(second.shape)} cannot be compared")


def colour_correlation(one: NDArray[np.floating], two: NDArray[np.floating]) -> float:
    """Pearson correlation of two lists of colours (n, 3), each channel centred; 1 where either has hardly any contrast."""
    first, second = one - one.mean(0), two - two.mean(0)
    spread = float(np.sqrt((first**2).mean() * (second**2).mean()))
    return 1.0 if spread < _LEAST_CONTRAST else float((first * second).mean() / spread)
