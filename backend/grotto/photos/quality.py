"""Is a photo sharp and well exposed? Pure functions of its grey pixels."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

MEASURED_AT_PX = 1600  # longer side at which sharpness is measured, so that photos of all sizes compare
_LEAST_ENERGY = 0.25  # squared grey levels: rounding alone, so that an empty photo is not called sharp
_BLACK, _WHITE = 8, 248  # grey levels beyond which details are lost

Grey = npt.NDArray[np.uint8]


def sharpness(grey: Grey) -> float:
    """How much fine detail the edges have: 0 none, about 0.2 for a sharp photo; independent of contrast and light.

    The energy in a band of 1 to 2 pixels over that in the same band of the photo at a quarter of its size, in the
    weakest of four directions: defocus lowers all of them, camera shake one. Bare parts weigh in neither. `grey` is
    (h, w), reduced to MEASURED_AT_PX. Only comparable with photos of a like subject and camera.
    """
    quarter = cv2.resize(grey, (max(1, grey.shape[1] // 4), max(1, grey.shape[0] // 4)), interpolation=cv2.INTER_AREA)
    fine = cv2.GaussianBlur(grey.astype(np.float32), (0, 0), 0.7)  # noise of single pixels is no detail
    coarse = quarter.astype(np.float32)
    return min(_energy(fine, band) / (_energy(coarse, band) + _LEAST_ENERGY) for band in _bands())


def exposure_fault(grey: Grey) -> str:
    """What is wrong with the exposure, in words for the user; "" where nothing is. `grey` holds the pixels in use."""
    if grey.size == 0:
        return "all of it is transparent"
    darkest, brightest = np.percentile(grey, (1, 99))
    dark, bright = float((grey <= _BLACK).mean()), float((grey >= _WHITE).mean())
    if brightest <= 24:
        return "almost black"
    if darkest >= 240:
        return "almost white"
    if brightest - darkest <= 6:
        return "blank: it shows no detail at all"
    if dark >= 0.5:
        return f"underexposed: {dark:.0%} of it is black"
    if bright >= 0.5:
        return f"overexposed: {bright:.0%} of it is white"
    return ""


def _energy(grey: npt.NDArray[Any], band: npt.NDArray[np.float32]) -> float:
    return float(np.square(cv2.filter2D(grey, -1, band)).mean())


def _bands() -> list[npt.NDArray[np.float32]]:
    """Four (11, 11) line kernels, difference of Gaussians of 0.8 and 1.6 pixels: across, down and the two diagonals."""
    reach, along = 5, np.arange(11)
    kernels = []
    for rows, columns, pixel in (
        (np.full(11, reach), along, 1.0),
        (along, np.full(11, reach), 1.0),
        (along, along, 2**0.5),
        (along, along[::-1], 2**0.5),
    ):
        kernel = np.zeros((11, 11), np.float32)
        kernel[rows, columns] = _gaussian(reach, 0.8 / pixel) - _gaussian(reach, 1.6 / pixel)
        kernels.append(kernel)
    return kernels


def _gaussian(reach: int, sigma: float) -> npt.NDArray[np.float64]:
    weights = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2)
    return weights / weights.sum()
