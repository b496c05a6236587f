"""Depth shapes heights: closed forms for steps, scale, ground and wild values."""

from __future__ import annotations

import numpy as np
import pytest

from grotto.relief.body import scale_by_depth

SIDE = 100
Y, X = np.mgrid[:SIDE, :SIDE] + 0.5
ALPHA = (np.hypot(X - 50, Y - 50) < 45).astype(np.float32)
PLACES = np.stack([X[ALPHA > 0.5], Y[ALPHA > 0.5]], axis=1)
HEIGHTS = np.sqrt(45.0**2 - np.hypot(PLACES[:, 0] - 50, PLACES[:, 1] - 50) ** 2)
STEP = np.where(X < 50, 3.0, 1.0)
AWAY = np.abs(PLACES[:, 0] - 50) > 10  # of the step, which is smoothed
LEFT = PLACES[:, 0] < 50


def test_no_weight_and_even_depth_change_nothing() -> None:
    assert scale_by_depth(HEIGHTS, PLACES, STEP, ALPHA, 0.0) is HEIGHTS
    assert scale_by_depth(HEIGHTS, PLACES, np.full((SIDE, SIDE), 7.0), ALPHA, 1.0) == pytest.approx(HEIGHTS)
    assert scale_by_depth(HEIGHTS, PLACES, STEP, np.zeros_like(ALPHA), 1.0) is HEIGHTS


@pytest.mark.parametrize("weight", [0.5, 1.0])
def test_what_is_nearer_stands_out_by_as_much_as_the_farther_sinks(weight: float) -> None:
    stepped = np.where(np.abs(X - 50) < 5, 2.0, STEP)  # the middle lies between the halves
    made = scale_by_depth(HEIGHTS, PLACES, stepped, ALPHA, weight)
    factor = made / HEIGHTS
    assert factor[LEFT & AWAY] == pytest.approx(1 + 0.8 * weight, abs=0.02)
    assert factor[~LEFT & AWAY] == pytest.approx(1 - 0.8 * weight, abs=0.02)


def test_the_rim_stays_and_no_height_turns_around() -> None:
    made = scale_by_depth(np.zeros(len(PLACES)), PLACES, STEP, ALPHA, 1.0)
    assert (made == 0).all()
    assert (scale_by_depth(HEIGHTS, PLACES, STEP, ALPHA, 1.0) > 0).all()


def test_scale_and_zero_of_depth_and_its_ground_do_not_matter() -> None:
    wave = np.sin(X / 20) + 0.1 * np.cos(Y / 9)
    made = scale_by_depth(HEIGHTS, PLACES, wave, ALPHA, 0.7)
    assert scale_by_depth(HEIGHTS, PLACES, 250 * wave - 4000, ALPHA, 0.7) == pytest.approx(made, rel=1e-4)
    ground = np.where(ALPHA > 0.5, wave, 1e6)
    assert scale_by_depth(HEIGHTS, PLACES, ground, ALPHA, 0.7) == pytest.approx(made, rel=1e-6)


def test_few_wild_values_move_little() -> None:
    wave = np.sin(X / 20)
    made = scale_by_depth(HEIGHTS, PLACES, wave, ALPHA, 1.0)
    wild = wave.copy()
    wild[::11, ::11] = 1e5
    moved = np.abs(scale_by_depth(HEIGHTS, PLACES, wild, ALPHA, 1.0) - made) / HEIGHTS
    assert np.median(moved) < 0.05
