"""Similarities: closed forms, and voting among look-alikes."""

import numpy as np

from grotto.sfm.align import fit_similarity, vote_similarity

TURN, SHIFT = 1.1 * np.exp(0.2j), 300 - 40j


def some_points(count: int, seed: int) -> np.ndarray:
    random = np.random.default_rng(seed)
    return random.uniform(0, 1200, count) + 1j * random.uniform(0, 800, count)


def test_fit_is_exact_on_exact_points() -> None:
    source = some_points(20, 1)
    turn, shift = fit_similarity(source, TURN * source + SHIFT)
    assert abs(turn - TURN) < 1e-12
    assert abs(shift - SHIFT) < 1e-9


def test_vote_finds_the_minority_that_agrees() -> None:
    random = np.random.default_rng(2)
    second = some_points(100, 3)
    first = TURN * second + SHIFT + random.normal(0, 2, 100) + 1j * random.normal(0, 2, 100)
    first[30:] = some_points(70, 4)
    claims = TURN * np.exp(random.normal(0, 0.02, 100) + 1j * random.normal(0, 0.02, 100))
    claims[30:] = np.exp(random.normal(0, 0.5, 70) + 1j * random.uniform(-3, 3, 70))
    voted = vote_similarity(first, second, claims, 15.0)
    assert voted is not None
    assert voted[2][:30].all()
    assert voted[2][30:].sum() <= 3
    assert abs(voted[0] - TURN) < 0.01


def test_vote_refuses_where_nothing_agrees() -> None:
    claims = np.exp(1j * np.random.default_rng(5).uniform(-3, 3, 60))
    voted = vote_similarity(some_points(60, 6), some_points(60, 7), claims, 3.0)
    assert voted is None or voted[2].sum() < 8
