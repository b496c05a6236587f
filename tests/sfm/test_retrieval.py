"""Likely pairs among many photos: photos of one place find each other."""

import numpy as np

from grotto.sfm.pairs import likely_pairs, mutual_matches


def unit(rows: np.ndarray) -> np.ndarray:
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def test_photos_of_one_place_are_paired_though_far_apart_in_order() -> None:
    random = np.random.default_rng(1)
    places = [unit(random.normal(size=(60, 128))) for _ in range(12)]
    photos = [unit(places[i % 12] + random.normal(0, 0.02, (60, 128))) for i in range(36)]
    pairs = set(likely_pairs(photos, reach=1, alike=4))
    assert {(i, i + 12) for i in range(24)} <= pairs
    assert {(i, i + 1) for i in range(35)} <= pairs
    assert len(pairs) < 36 * 35 / 2


def test_mutual_matches_need_to_be_distinct() -> None:
    random = np.random.default_rng(2)
    first = unit(random.normal(size=(40, 128)))
    second = unit(first[::-1] + random.normal(0, 0.01, (40, 128)))
    matches = mutual_matches(first, second, 0.8)
    assert (matches[:, 0] + matches[:, 1] == 39).all() and len(matches) == 40
    twins = np.concatenate([second, second])
    assert len(mutual_matches(first, twins, 0.8)) == 0
