"""Exact repetition is told from look-alikes, and a photo in a mirror from a stranger."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import pytest

from grotto.contract import Silent
from grotto.contract.options import MakeWallOptions
from grotto.sfm.cameras import show_the_same
from grotto.sfm.pairs import PhotoPoints, repeated_pairs, repeated_share
from grotto.synthetic.painting import paint


def points(picture: np.ndarray) -> PhotoPoints:
    found, descriptors = cv2.SIFT_create(1500).detectAndCompute(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), None)
    places = np.array([[*point.pt, point.size / 2, 0, 0, point.size / 2] for point in found], np.float32)
    root = np.sqrt(descriptors / np.maximum(descriptors.sum(axis=1, keepdims=True), 1e-6))
    return PhotoPoints(places, np.round(512 * root).clip(0, 255).astype(np.uint8), picture.shape[1], picture.shape[0])


def two_views(wall: np.ndarray) -> list[np.ndarray]:
    """Two parts (400, 600, 3) of a wall, the second 200 px further right, each with noise of its own."""
    random = np.random.default_rng(0)
    parts = [wall[:400, :600], wall[:400, 200:800]]
    return [np.clip(part + random.normal(0, 2, part.shape), 0, 255).astype(np.uint8) for part in parts]


@pytest.fixture(scope="module")
def figures() -> np.ndarray:
    """A painted wall (420, 820, 3) of like figures."""
    return paint(820, 420, 1.2, MakeWallOptions(style="thousand", seed=4), None, Silent())


@pytest.fixture(scope="module")
def woven(figures: np.ndarray) -> np.ndarray:
    """A part of it, again and again."""
    return np.tile(figures[:210, :270], (2, 4, 1))


def share(wall: np.ndarray) -> float:
    return repeated_share(*(points(view) for view in two_views(wall)), 1.0 + 0j, 200.0 + 0j)


def test_a_woven_motif_repeats_and_painted_figures_do_not(figures: np.ndarray, woven: np.ndarray) -> None:
    assert share(woven) > 0.4
    assert share(figures) < 0.15


def chosen(shares: dict[tuple[int, int], float]) -> list[tuple[int, int]]:
    look: Callable[[tuple[int, int]], float] = shares.__getitem__
    return repeated_pairs(dict.fromkeys(shares, 100), look)


def test_doubtful_pairs_are_named_and_the_others_stay() -> None:
    assert chosen({(0, 1): 0.0, (1, 2): 0.02, (2, 3): 0.01}) == []
    assert chosen({(0, 1): 0.0, (1, 2): 0.02, (2, 3): 0.6}) == [(2, 3)]


def test_a_mirrored_picture_is_recognised_and_a_stranger_is_not(figures: np.ndarray) -> None:
    grey = [np.asarray(cv2.cvtColor(view, cv2.COLOR_RGB2GRAY), np.uint8) for view in two_views(figures)]
    other = paint(600, 400, 1.2, MakeWallOptions(style="narrative", seed=9), None, Silent())
    mirrored = grey[1][:, ::-1]
    assert not show_the_same(grey[0], mirrored)
    assert show_the_same(grey[0], mirrored[:, ::-1])
    assert not show_the_same(grey[0], np.asarray(cv2.cvtColor(other, cv2.COLOR_RGB2GRAY), np.uint8))


def test_like_stones_at_random_places_are_no_repetition(figures: np.ndarray) -> None:
    random = np.random.default_rng(5)
    wall = np.asarray(random.normal(150, 8, figures.shape).clip(0, 255), np.uint8)
    stone = figures[100:150, 100:150]
    for left, top in random.integers(0, (770, 370), (160, 2)):
        wall[top : top + 50, left : left + 50] = stone
    assert share(wall) < 0.2
