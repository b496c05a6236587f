"""Focal lengths of lenses: the least cost is found, its uncertainty is honest, and two lenses are told from one."""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

from rail_bundles import FOCAL, rail_bundle

from grotto.sfm.lenses import free_each, is_strained, linearise, merge_alike, moved, solve, split_by_gaps, split_lens, with_lenses

NONE = np.zeros(9, bool)
EACH_SECOND = np.arange(9) % 2 == 1
LATER = np.arange(9) > 4


def test_derivatives_are_those_of_the_residuals() -> None:
    bundle, step = rail_bundle(EACH_SECOND, 1.3), 1e-6
    linear = linearise(bundle)
    cameras, lenses, points = np.zeros((9, 6)), np.zeros((2, 2)), np.zeros_like(bundle.points)
    for column in range(6):
        cameras[:] = 0
        cameras[:, column] = step
        moved_by = (linearise(moved(bundle, cameras, lenses, points)).residuals - linear.residuals) / step
        assert np.abs(moved_by - linear.by_camera[..., column]).max() < 2e-2
    cameras[:] = 0
    for column in range(2):
        lenses[:] = 0
        lenses[:, column] = step
        moved_by = (linearise(moved(bundle, cameras, lenses, points)).residuals - linear.residuals) / step
        assert np.abs(moved_by - linear.by_lens[..., column]).max() < 2e-2
    for column in range(3):
        points[:] = 0
        points[:, column] = step
        moved_by = (linearise(moved(bundle, cameras, lenses * 0, points)).residuals - linear.residuals) / step
        assert np.abs(moved_by - linear.by_point[..., column]).max() < 2e-2


def test_the_bottom_of_the_valley_is_found_from_five_per_cent_off() -> None:
    bundle = rail_bundle(NONE, 1.0)
    best = solve(bundle)
    off = solve(dataclasses.replace(bundle, log_focal=bundle.log_focal + 0.05))
    assert best is not None and off is not None
    assert off.bundle.log_focal[0] == pytest.approx(best.bundle.log_focal[0], abs=1e-4)
    assert abs(best.bundle.log_focal[0] - np.log(FOCAL)) < 4 * np.sqrt(best.uncertainty[0, 0])


def test_uncertainty_is_that_of_repeated_captures() -> None:
    solved = [solve(rail_bundle(NONE, 1.0, seed=seed)) for seed in range(8)]
    errors = [(found.bundle.log_focal[0] - np.log(FOCAL)) / np.sqrt(found.uncertainty[0, 0]) for found in solved if found]
    assert len(errors) == 8
    assert 0.4 < np.sqrt(np.mean(np.square(errors))) < 1.7


def test_a_wall_without_relief_or_turns_leaves_the_focal_length_uncertain() -> None:
    with_relief, flat = solve(rail_bundle(NONE, 1.0)), solve(rail_bundle(NONE, 1.0, relief_m=0.0))
    assert with_relief is not None and flat is not None
    assert flat.uncertainty[0, 0] > 2 * with_relief.uncertainty[0, 0]


@pytest.mark.parametrize("second", [EACH_SECOND, LATER], ids=["alternating", "later"])
@pytest.mark.parametrize("ratio", [1.02, 1.1])
def test_two_lenses_are_told_apart_though_one_was_assumed(second: np.ndarray, ratio: float) -> None:
    shared = solve(with_lenses(rail_bundle(second, ratio), np.zeros(9, np.int64)))
    assert shared is not None
    freed = free_each(shared)
    assert freed is not None
    split = split_lens(freed, np.arange(9))
    assert split is not None
    assert set(split[1].tolist()) == set(np.flatnonzero(second).tolist())


@pytest.mark.parametrize("seed", range(2))
def test_one_lens_is_never_split(seed: int) -> None:
    shared = solve(rail_bundle(NONE, 1.0, seed=seed))
    assert shared is not None
    freed = free_each(shared)
    assert freed is not None
    assert split_lens(freed, np.arange(9)) is None


def test_one_lens_forced_on_photos_of_two_is_strained() -> None:
    for second, ratio, strained in ((EACH_SECOND, 1.3, True), (NONE, 1.0, False)):
        shared = solve(with_lenses(rail_bundle(second, ratio), np.zeros(9, np.int64)))
        assert shared is not None
        freed = free_each(shared)
        assert freed is not None
        assert is_strained(shared, freed) is strained


def test_lenses_that_do_not_differ_are_joined() -> None:
    labels = np.arange(9) % 3
    same = solve(with_lenses(rail_bundle(NONE, 1.0), labels))
    assert same is not None
    assert merge_alike(same, np.arange(3)).tolist() == [0, 0, 0]
    two = solve(with_lenses(rail_bundle(labels == 2, 1.2), labels))
    assert two is not None
    assert merge_alike(two, np.arange(3)).tolist() == [0, 0, 1]


def test_gaps_between_scales() -> None:
    random = np.random.default_rng(0)
    by_hand = 0.08 * random.standard_normal(40)
    assert split_by_gaps(by_hand).max() == 0  # distances of a hand-held capture
    rail = 0.01 * random.standard_normal(12) + np.log(1.4) * (np.arange(12) % 2)
    assert split_by_gaps(rail).tolist() == [0, 1] * 6
    three = np.array([0.0, 0.01, 0.7, 0.69, 1.4, 1.38, np.nan])
    assert split_by_gaps(three)[:6].tolist() == [0, 0, 1, 1, 2, 2]
    assert split_by_gaps(np.array([np.nan, np.nan])).tolist() == [0, 0]
    assert split_by_gaps(np.zeros(1)).tolist() == [0]
