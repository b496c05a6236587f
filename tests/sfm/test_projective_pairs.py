"""Pairs of photos taken by hand: homographies close where similarities do not, and look-alikes stay out."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from grotto.sfm.align import PairSimilarity, fit_similarity
from grotto.sfm.pairs import agreeing_pairs, homography, solve_layout

Floats = NDArray[np.float64]
SIZE, FOCAL, TOLERANCE = 800.0, 870.0, 9.6
ROWS, COLUMNS = 3, 4


def hand_held(seed: int, turned_deg: float) -> list[tuple[Floats, Floats]]:
    """Rotation and centre of photos of a wall at y = 1 m, (3, 3) and (3,), x along it and z down."""
    random = np.random.default_rng(seed)
    photos = []
    for row in range(ROWS):
        for column in range(COLUMNS):
            a, b, c = np.radians(random.normal(0, turned_deg, 3))
            tilt = np.array([[1, 0, 0], [0, np.cos(a), -np.sin(a)], [0, np.sin(a), np.cos(a)]])
            pan = np.array([[np.cos(b), 0, np.sin(b)], [0, 1, 0], [-np.sin(b), 0, np.cos(b)]])
            roll = np.array([[np.cos(c), -np.sin(c), 0], [np.sin(c), np.cos(c), 0], [0, 0, 1]])
            centre = np.array([0.4 * column, 0.27 * row, 0.0]) + random.normal(0, 0.04, 3)
            photos.append((tilt @ pan @ roll, centre))
    return photos


def seen(photo: tuple[Floats, Floats], wall: Floats) -> tuple[Floats, NDArray[np.bool_]]:
    """Places (n, 2) in px of points of the wall, and which of them lie in the photo."""
    rays = (wall - photo[1]) @ photo[0].T
    places = FOCAL * rays[:, :2] / rays[:, 2:] + [SIZE / 2, SIZE / 3]
    return places, ((places > 0) & (places < [SIZE, 2 * SIZE / 3])).all(axis=1)


def matched(photos: list[tuple[Floats, Floats]], lattice_m: float = 0.0) -> dict[tuple[int, int], tuple[Floats, Floats]]:
    """Matches of all overlapping pairs; from every fifth pair on those of look-alikes one step of a lattice away."""
    x, y = np.meshgrid(np.arange(-0.5, 1.8, 0.03), np.arange(-0.4, 1.0, 0.03))
    wall = np.stack([x.ravel(), y.ravel(), np.full(x.size, 1.0)], axis=1)
    pairs = {}
    for first in range(len(photos)):
        for second in range(first + 1, len(photos)):
            step = np.array([lattice_m, 0, 0]) if (first + second) % 5 == 4 else np.zeros(3)
            (a, in_a), (b, in_b) = seen(photos[first], wall), seen(photos[second], wall + step)
            if (in_a & in_b).sum() >= 30:
                pairs[first, second] = a[in_a & in_b], b[in_a & in_b]
    return pairs


def by_layout(count: int, pairs: dict[tuple[int, int], tuple[Floats, Floats]]) -> set[tuple[int, int]]:
    """The pairs that agree with the layout of their similarities."""
    edges = []
    for (first, second), (a, b) in pairs.items():
        turn, shift = fit_similarity(b @ [1, 1j], a @ [1, 1j])
        edges.append(PairSimilarity(first, second, turn, shift, len(a), 1.0))
    agrees = solve_layout(count, edges, SIZE, TOLERANCE).agrees
    return {pair for pair, agree in zip(pairs, agrees, strict=True) if agree}


def rescued(photos: list[tuple[Floats, Floats]], lattice_m: float) -> tuple[set[tuple[int, int]], set[tuple[int, int]]]:
    """The pairs that the layout of similarities drops, and those of them that homographies bring back."""
    pairs = matched(photos, lattice_m)
    kept = by_layout(len(photos), pairs)
    trusted = {pair: (found, len(pairs[pair][0])) for pair in kept if (found := homography(*pairs[pair], TOLERANCE)) is not None}
    doubtful = {pair: places for pair, places in pairs.items() if pair not in kept}
    return set(doubtful), agreeing_pairs(len(photos), trusted, doubtful, 2 * TOLERANCE)


def test_true_pairs_of_turned_photos_come_back() -> None:
    dropped, back = rescued(hand_held(3, 4.0), 0.0)
    assert len(dropped) > 5  # similarities of photos turned by four degrees do not close
    assert back == dropped


def test_look_alikes_stay_out() -> None:
    dropped, back = rescued(hand_held(3, 4.0), 0.12)
    false = {pair for pair in dropped if sum(pair) % 5 == 4}
    assert false
    assert not back & false


def test_photos_of_a_rail_need_none() -> None:
    dropped, _ = rescued(hand_held(3, 0.3), 0.0)
    assert not dropped


def test_without_a_chain_nothing_is_known() -> None:
    pairs = matched(hand_held(3, 4.0))
    some = {pair: places for pair, places in pairs.items() if pair[0] == 0}
    assert agreeing_pairs(ROWS * COLUMNS, {}, some, 2 * TOLERANCE) == set()
    assert homography(np.zeros((3, 2)), np.zeros((3, 2)), TOLERANCE) is None


def test_a_finer_photo_counts_in_pixels_of_the_coarser() -> None:
    places = np.random.default_rng(0).uniform(0, SIZE, (200, 2))
    near = {(0, 1): (homography(places, places, 1.0), 200), (1, 2): (homography(places, places / 2, 1.0), 200)}
    doubtful = {(0, 2): (places + np.array([25.0, 0.0]), places / 2)}  # 25 px in the finer photo, 12.5 px in the coarser
    known = {pair: (found, inliers) for pair, (found, inliers) in near.items() if found is not None}
    assert agreeing_pairs(3, known, doubtful, 13.0) == {(0, 2)}
    assert agreeing_pairs(3, known, doubtful, 12.0) == set()
