"""Features of pixels, and a small classifier trained on one picture alone: does a pixel belong to the element?"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from .regions import Regions

Array32 = NDArray[np.float32]

_HIDDEN = 24
_BATCH = 2048
_RATE = 5e-3
_DECAY = 1e-4


def lab_from_srgb(colour: Array32) -> Array32:
    """CIE Lab (h, w, 3) of sRGB values 0 to 1."""
    return np.asarray(cv2.cvtColor(np.clip(colour, 0, 1).astype(np.float32), cv2.COLOR_RGB2LAB), dtype=np.float32)


def texture_energy(lab: Array32) -> Array32:
    """Log energy (h, w) of the finest detail of the lightness of Lab (h, w, 3), over about 2 px."""
    fine = lab[..., 0] - _blurred(lab[..., 0], 0.8)
    return np.asarray(np.log(0.1 + _blurred(fine * fine, 1.0)), dtype=np.float32)


def pixel_features(lab: Array32, regions: Regions) -> Array32:
    """Features (h * w, 10), standardised: each pixel's Lab, and the mean Lab, its variation and the texture of its region.

    Variation and texture are measured inside the regions, so that the contour's own contrast does not count as texture.
    """
    of_region = np.concatenate([regions.lab, regions.variation, regions.texture[:, None]], axis=1)
    own = _blurred(lab, 0.6).reshape(-1, 3)
    values = np.concatenate([own, of_region[regions.labels.ravel()]], axis=1)
    return np.asarray((values - values.mean(axis=0)) / (values.std(axis=0) + 1e-6), dtype=np.float32)


def _blurred(values: Array32, sigma: float) -> Array32:
    return np.asarray(cv2.GaussianBlur(values, (0, 0), sigma), dtype=np.float32)


class PixelClassifier:
    """A perceptron of two hidden layers from features to log odds, trained by Adam (Kingma and Ba 2015) on soft labels."""

    def __init__(self, inputs: int, seed: int) -> None:
        self._random = np.random.default_rng(seed)
        shapes = ((inputs, _HIDDEN), (_HIDDEN, _HIDDEN), (_HIDDEN, 1))
        gains = (2.0, 2.0, 1.0)
        self._weights: list[Array32] = []
        for (rows, columns), gain in zip(shapes, gains, strict=True):
            drawn = self._random.normal(0, np.sqrt(gain / rows), (rows, columns))
            self._weights += [drawn.astype(np.float32), np.zeros(columns, np.float32)]

    def __call__(self, samples: Array32) -> Array32:
        """Log odds (n,) of samples (n, inputs)."""
        return self._forward(samples)[2]

    def fit(self, samples: Array32, labels: Array32, weights: NDArray[np.float64], steps: int) -> None:
        """Fit soft labels (n,), 0 to 1, of samples (n, c), drawn in proportion to their weights (n,)."""
        whole = np.cumsum(weights / weights.sum())
        chosen = np.searchsorted(whole, np.sort(self._random.random(steps * _BATCH))).clip(0, len(weights) - 1)
        batches = self._random.permutation(chosen).reshape(steps, _BATCH)
        moments = [(np.zeros_like(weight), np.zeros_like(weight)) for weight in self._weights]
        for step, drawn in enumerate(batches, 1):
            rate = np.float32(_RATE * min(1.0, 1.6 - 1.5 * step / steps))
            gradients = self._gradients(samples[drawn], labels[drawn])
            for weight, (first, second), gradient in zip(self._weights, moments, gradients, strict=True):
                total = gradient + np.float32(_DECAY) * weight
                first += np.float32(0.1) * (total - first)
                second += np.float32(0.01) * (total * total - second)
                mean, square = first / (1 - 0.9**step), second / (1 - 0.99**step)
                weight -= rate * mean / (np.sqrt(square) + np.float32(1e-6))

    def _forward(self, samples: Array32) -> tuple[Array32, Array32, Array32]:
        first, second = self._weights[:2], self._weights[2:4]
        low = np.maximum(samples @ first[0] + first[1], 0)
        high = np.maximum(low @ second[0] + second[1], 0)
        return low, high, (high @ self._weights[4] + self._weights[5])[:, 0]

    def _gradients(self, samples: Array32, labels: Array32) -> list[Array32]:
        """Gradients of the mean cross entropy by each array of weights."""
        low, high, odds = self._forward(samples)
        out = ((sigmoid(odds) - labels) / len(labels))[:, None].astype(np.float32)
        to_high = (out @ self._weights[4].T) * (high > 0)
        to_low = (to_high @ self._weights[2].T) * (low > 0)
        return [samples.T @ to_low, to_low.sum(0), low.T @ to_high, to_high.sum(0), high.T @ out, out.sum(0)]


def sigmoid(odds: Array32) -> Array32:
    """Probabilities of log odds, clipped to -30 to 30."""
    return np.asarray(1 / (1 + np.exp(-np.clip(odds, -30, 30))), dtype=np.float32)


def colour_log_odds(lab: Array32, inside: NDArray[np.bool_]) -> Array32:
    """Log likelihood ratio (h, w) of each pixel's colour inside against outside a mask, from smoothed Lab histograms."""
    bins = np.stack([lab[..., 0] / 6.25, (lab[..., 1] + 60) / 6.25, (lab[..., 2] + 60) / 6.25], axis=-1)
    cells = np.clip(np.round(bins), 0, 19).astype(np.int64)
    index = (cells[..., 0] * 20 + cells[..., 1]) * 20 + cells[..., 2]
    parts = []
    for where in (inside, ~inside):
        counts = np.bincount(index[where], minlength=8000).reshape(20, 20, 20).astype(np.float32)
        for axis in range(3):  # a binomial blur along each axis
            padded = np.pad(counts, [(1, 1) if other == axis else (0, 0) for other in range(3)])
            before, after = np.delete(padded, [-1, -2], axis), np.delete(padded, [0, 1], axis)
            counts = 0.25 * before + 0.5 * counts + 0.25 * after
        parts.append(counts.ravel()[index] / max(1, int(where.sum())) + np.float32(1e-5))
    return np.asarray(np.log(parts[0] / parts[1]), dtype=np.float32)
