"""Matches of photos whose overlap is known."""

from __future__ import annotations

import numpy as np

from grotto.sfm.pairs import PhotoPoints, Tie, overlap_matches

SHIFT = 600.0  # of the second photo, 1000 px wide
TIE = Tie(first=0, second=1, turn=(1.0, 0.0), shift=(SHIFT, 0.0))


def photo(place: np.ndarray, looks: np.ndarray) -> PhotoPoints:
    shape = np.tile([3, 0, 0, 3], (len(place), 1))
    return PhotoPoints(np.column_stack([place, shape]).astype(np.float32), looks.astype(np.uint8), 1000, 1000)


def two_photos(seed: int, shared: int, alone: int) -> tuple[PhotoPoints, PhotoPoints]:
    """Points that both photos show first, then those of one photo alone, which look like the shared ones."""
    random = np.random.default_rng(seed)
    place = random.uniform([SHIFT, 0], [1000, 1000], (shared, 2))
    looks = random.integers(0, 90, (shared, 128))
    like = np.clip(looks[:alone] + random.integers(-4, 5, (alone, 128)), 0, 255)
    left = random.uniform([0, 0], [SHIFT - 100, 1000], (alone, 2))
    first = photo(np.concatenate([place, left]), np.concatenate([looks, like]))
    right = random.uniform([500, 0], [1000, 1000], (alone, 2))
    second = photo(np.concatenate([place - [SHIFT, 0], right]), np.concatenate([looks, like]))
    return first, second


def test_points_match_though_their_likes_stand_outside_of_the_overlap() -> None:
    first, second = two_photos(0, 80, 60)
    rows = overlap_matches(first, second, TIE, 0.8, 20.0)
    assert np.array_equal(rows, np.column_stack([np.arange(80)] * 2))
    everywhere = overlap_matches(first, second, TIE, 0.8, 2000.0)
    assert len(everywhere) >= len(rows)  # the likes are exact copies here, so that they match each other, apart from the tie
    assert (everywhere[:, 0] >= 80).sum() == 60


def test_rivals_within_the_overlap_still_leave_a_point_unmatched() -> None:
    random = np.random.default_rng(1)
    place = random.uniform([SHIFT, 0], [1000, 1000], (40, 2))
    looks = random.integers(0, 90, (40, 128))
    twin = np.clip(looks[:10] + random.integers(-4, 5, (10, 128)), 0, 255)
    first = photo(place, looks)
    second = photo(
        np.concatenate([place - [SHIFT, 0], place[:10] - [SHIFT, 0] + [0.0, 1.0]]), np.concatenate([looks, twin[::-1]])
    )
    rows = overlap_matches(first, second, TIE, 0.99, 20.0)
    assert len(rows) == 40
    second = photo(np.concatenate([place - [SHIFT, 0], place[:10] - [SHIFT, -5]]), np.concatenate([looks, looks[:10]]))
    assert set(overlap_matches(first, second, TIE, 0.8, 20.0)[:, 0].tolist()) == set(range(10, 40))


def test_a_turned_and_scaled_photo_is_looked_at_where_it_lies() -> None:
    random = np.random.default_rng(2)
    turn, shift = 0.5 * np.exp(0.5j), 300 + 200j
    place = random.uniform(100, 900, (50, 2))
    mapped = turn * (place @ np.array([1, 1j])) + shift
    looks = random.integers(0, 90, (50, 128))
    tie = Tie(first=0, second=1, turn=(turn.real, turn.imag), shift=(shift.real, shift.imag))
    rows = overlap_matches(photo(np.column_stack([mapped.real, mapped.imag]), looks), photo(place, looks), tie, 0.8, 5.0)
    assert len(rows) == 50
    away = Tie(first=0, second=1, turn=(1.0, 0.0), shift=(5000.0, 0.0))
    assert len(overlap_matches(photo(place, looks), photo(place, looks), away, 0.8, 5.0)) == 0
