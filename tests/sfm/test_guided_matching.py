"""Matching guided by the layout: as exact as comparing everything within reach, and blind to look-alikes beyond it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from grotto.sfm.pairs import PhotoPoints, guided_matches

WIDTH, HEIGHT, REACH, RATIO = 900, 600, 0.06, 0.8
TURN, SHIFT = 1.1 * np.exp(0.2j), complex(80, -140)


def points_of(places: NDArray[np.complex128], descriptors: NDArray[np.float64]) -> PhotoPoints:
    keypoints = np.zeros((len(places), 6), np.float32)
    keypoints[:, 0], keypoints[:, 1], keypoints[:, 2] = places.real, places.imag, 2.0
    quantised = np.clip(descriptors / np.linalg.norm(descriptors, axis=1, keepdims=True) * 512, 0, 255)
    return PhotoPoints(keypoints, quantised.astype(np.uint8), WIDTH, HEIGHT)


def two_photos(seed: int, count: int = 400, miss_px: float = 12.0) -> tuple[PhotoPoints, PhotoPoints]:
    """Point k of the first photo is point k of the second, `miss_px` off the similarity; half of the descriptors are noisy."""
    random = np.random.default_rng(seed)
    places = random.uniform(0, WIDTH, count) + 1j * random.uniform(0, HEIGHT, count)
    descriptors = random.uniform(0, 1, (count, 128)) ** 3
    noise = np.where(np.arange(count) % 2, 0.5, 0.05)[:, None] * random.uniform(0, 1, (count, 128))
    off = miss_px * np.exp(2j * np.pi * random.uniform(0, 1, count))
    return points_of(places, descriptors), points_of((places + off - SHIFT) / TURN, descriptors + noise)


def compared_with_all(first: PhotoPoints, second: PhotoPoints) -> set[tuple[int, int]]:
    """The slow twin: every point with every other, with those beyond reach struck out."""
    a, b = (side.keypoints[:, :2].astype(float) @ np.array([1, 1j]) for side in (first, second))
    apart = np.abs(a[:, None] - (TURN * b + SHIFT)[None])
    unit = [side.descriptors / np.linalg.norm(side.descriptors.astype(float), axis=1, keepdims=True) for side in (first, second)]
    alike = np.where(apart <= REACH * WIDTH, unit[0] @ unit[1].T, -1.0)
    matches = set()
    for row in range(len(a)):
        order = np.argsort(-alike[row])
        near, next_near = np.arccos(np.clip(alike[row, order[:2]], -1, 1))
        if alike[:, order[0]].argmax() == row and near < RATIO * next_near and near < 0.7:
            matches.add((row, int(order[0])))
    return matches


def test_it_finds_what_a_comparison_of_all_points_finds_within_reach() -> None:
    for seed in range(3):
        first, second = two_photos(seed)
        found = guided_matches(first, second, TURN, SHIFT, RATIO)
        assert {(int(i), int(j)) for i, j in found} == compared_with_all(first, second)
        assert len(found) > 150
        assert (found[:, 0] == found[:, 1]).mean() > 0.99


def test_a_look_alike_beyond_reach_does_not_hide_the_true_point() -> None:
    first, second = two_photos(7)
    places = second.keypoints[:, :2].astype(float) @ np.array([1, 1j])
    far = places + np.where(places.real > places.real.mean(), -300, 300)
    twice = PhotoPoints(
        np.concatenate([second.keypoints, points_of(far, np.ones((len(far), 128))).keypoints]),
        np.concatenate([second.descriptors, second.descriptors]),
        WIDTH,
        HEIGHT,
    )
    alone, beside = guided_matches(first, second, TURN, SHIFT, RATIO), guided_matches(first, twice, TURN, SHIFT, RATIO)
    assert len(beside) > 0.9 * len(alone)
    assert (beside[:, 0] == beside[:, 1]).mean() > 0.97


def test_a_layout_that_is_wrong_by_more_than_the_reach_finds_next_to_nothing() -> None:
    first, second = two_photos(5)
    assert len(guided_matches(first, second, TURN, SHIFT + 200, RATIO)) < 5


def test_photos_without_points_have_no_matches() -> None:
    first, _ = two_photos(1)
    none = PhotoPoints(np.zeros((0, 6), np.float32), np.zeros((0, 128), np.uint8), WIDTH, HEIGHT)
    assert guided_matches(first, none, 1 + 0j, 0j, RATIO).shape == (0, 2)
    assert guided_matches(none, first, 1 + 0j, 0j, RATIO).shape == (0, 2)
