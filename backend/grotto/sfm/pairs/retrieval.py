"""Likely pairs among very many photos, without comparing all of them."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

WORDS = 64
SAMPLE = 40_000


def vlad(descriptors: NDArray[np.float32], words: NDArray[np.float32]) -> NDArray[np.float32]:
    """The photo's signature: residuals to the nearest words, summed, signed square root, unit length (Jegou 2010)."""
    nearest = (descriptors @ words.T - 0.5 * (words**2).sum(axis=1)).argmax(axis=1)
    total = np.zeros_like(words)
    np.add.at(total, nearest, descriptors - words[nearest])
    total = np.sign(total) * np.sqrt(np.abs(total))
    flat = total.ravel()
    return flat / max(float(np.linalg.norm(flat)), 1e-9)


def likely_pairs(descriptors: Sequence[NDArray[np.float32]], reach: int, alike: int) -> list[tuple[int, int]]:
    """Each photo with its `reach` followers in capture order and the `alike` photos of most similar signature."""
    stacked = np.concatenate(list(descriptors))
    sample = stacked[np.random.default_rng(0).permutation(len(stacked))[:SAMPLE]]
    cv2.setRNGSeed(0)
    stop = (cv2.TERM_CRITERIA_MAX_ITER, 12, 0.0)
    _, _, words = cv2.kmeans(sample, min(WORDS, len(sample)), np.empty(0, np.int32), stop, 1, cv2.KMEANS_PP_CENTERS)
    signatures = np.stack([vlad(photo, np.asarray(words, np.float32)) for photo in descriptors])
    pairs = {(i, j) for i in range(len(signatures)) for j in range(i + 1, min(i + reach, len(signatures) - 1) + 1)}
    for i, signature in enumerate(signatures):
        likeness = signatures @ signature
        likeness[i] = -np.inf
        pairs |= {(min(i, int(j)), max(i, int(j))) for j in np.argpartition(-likeness, min(alike, len(likeness) - 1))[:alike]}
    return sorted(pair for pair in pairs if pair[0] != pair[1])
