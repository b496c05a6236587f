"""The lens' falloff towards the corners, taken out before features are found.

A blob in a brightness gradient is found a little up the gradient. Falloff therefore draws every feature towards the
photo's centre by hundredths of a pixel, which bundle adjustment takes for distortion: at 25 % falloff k1 came out 1 %
too strong, and the wall domed by nearly a millimetre in a metre's distance.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from ..photos import Photo, read_image

FEWEST_PHOTOS = 6  # with fewer, the painting itself would be taken for falloff
MOST_PHOTOS = 60
SAMPLE_PX = 96
STRONGEST = 1.5  # natural logarithm at the corner


def measure_falloff(photos: Sequence[Photo]) -> tuple[float, float]:
    """The falloff of photos that share a camera: (b, c) with log brightness = const + b r^2 + c r^4, r = 1 at the corner.

    From the median over photos of what each pixel deviates from its photo's mean. (0, 0) for too few photos.
    """
    if len(photos) < FEWEST_PHOTOS:
        return 0.0, 0.0
    chosen = [photos[i] for i in np.linspace(0, len(photos) - 1, min(len(photos), MOST_PHOTOS)).astype(int)]
    logs = []
    for photo in chosen:
        grey = cv2.cvtColor(read_image(photo, SAMPLE_PX), cv2.COLOR_RGB2GRAY).astype(np.float64)
        value = np.log(np.maximum(cv2.GaussianBlur(grey, (0, 0), 2.0), 4.0))
        logs.append(value - value.mean())
    typical = np.median(np.stack(logs), axis=0)
    radius2 = radius_squared(typical.shape[1], typical.shape[0]).ravel()
    design = np.column_stack([np.ones_like(radius2), radius2, radius2**2])
    weights = np.ones(len(radius2))
    solution = np.zeros(3)
    for _ in range(5):
        solution = np.linalg.lstsq(design * weights[:, None], typical.ravel() * weights, rcond=None)[0]
        miss = np.abs(typical.ravel() - design @ solution)
        weights = 1 / np.sqrt(1 + (miss / max(1.5 * float(np.median(miss)), 1e-6)) ** 2)
    corner = solution[1] + solution[2]
    if not -STRONGEST < corner < 0:  # brighter corners are the light's doing, not the lens'
        return 0.0, 0.0
    return float(solution[1]), float(solution[2])


def radius_squared(width: int, height: int) -> NDArray[np.float64]:
    """Squared distance from the photo's centre, 1 in the corners; (height, width)."""
    x = (np.arange(width) + 0.5) / width * 2 - 1
    y = (np.arange(height) + 0.5) / height * 2 - 1
    aspect2 = (width / height) ** 2
    return (x[None, :] ** 2 * aspect2 + y[:, None] ** 2) / (1 + aspect2)


def without_falloff(grey: NDArray[np.uint8], falloff: tuple[float, float]) -> NDArray[np.uint8]:
    """The (h, w) grey photo with its falloff divided out, bright enough to keep the centre as it is."""
    if falloff == (0.0, 0.0):
        return grey
    radius2 = radius_squared(grey.shape[1], grey.shape[0])
    loss = np.exp(falloff[0] * radius2 + falloff[1] * radius2**2)
    return np.clip(np.rint(grey / loss), 0, 255).astype(np.uint8)
