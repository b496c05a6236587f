"""Figures on a wall that is painted all over: the tree of regions, and the guesses that are taken from it."""

from __future__ import annotations

import numpy as np
import pytest

from grotto.masks import Regions, lab_from_srgb, make_regions, texture_energy
from grotto.masks.proposals import RegionTree, build_region_tree, propose_elements


@pytest.fixture(scope="module")
def busy() -> tuple[np.ndarray, list[np.ndarray]]:
    """A wall (150, 220, 3) of ochre, green and brown patches, and two figures on it that are white and blue."""
    random = np.random.default_rng(1)
    y, x = np.mgrid[:150, :220] + 0.5
    cells = random.uniform(0, (220, 150), (90, 2))
    nearest = np.argmin((x[..., None] - cells[:, 0]) ** 2 + (y[..., None] - cells[:, 1]) ** 2, axis=2)
    colours = np.array([[0.75, 0.62, 0.4], [0.35, 0.5, 0.38], [0.5, 0.33, 0.22]])[random.integers(0, 3, 90)]
    wall = colours[nearest] + random.normal(0, 0.015, (150, 220, 1))
    masks = [np.hypot((x - 60) / 24, (y - 70) / 34) < 1, np.hypot((x - 160) / 36, (y - 80) / 22) < 1]
    wall[masks[0]] = np.array([0.92, 0.92, 0.88]) - 0.08 * (np.sin(y[masks[0]] / 4) > 0)[:, None]
    wall[masks[1]] = np.array([0.2, 0.3, 0.65]) + 0.08 * (np.sin(x[masks[1]] / 4) > 0)[:, None]
    return np.clip(wall, 0, 1).astype(np.float32), masks


def tree_of(colour: np.ndarray) -> tuple[RegionTree, Regions]:
    lab = lab_from_srgb(colour)
    regions = make_regions(lab, texture_energy(lab))
    return build_region_tree(lab, regions), regions


def test_nodes_are_the_unions_of_their_regions(busy: tuple[np.ndarray, list[np.ndarray]]) -> None:
    groups, regions = tree_of(busy[0])
    count = len(regions.size)
    assert len(groups.size) == 2 * count - 1
    assert groups.size[-1] == 150 * 220
    assert groups.mask(2 * count - 2).all()
    values = np.random.default_rng(0).random(count)
    means = groups.mean(values)
    for node in (0, count - 1, count + 5, int(1.5 * count), 2 * count - 3):
        left, top, right, bottom = groups.box[node]
        mask = groups.mask(node)
        assert mask.sum() == groups.size[node]
        assert mask[0].any() and mask[-1].any() and mask[:, 0].any() and mask[:, -1].any()
        assert values[groups.labels[top:bottom, left:right][mask]].mean() == pytest.approx(means[node])


def test_figures_are_among_the_first_guesses_and_nothing_is_guessed_twice(busy: tuple[np.ndarray, list[np.ndarray]]) -> None:
    colour, masks = busy
    found = propose_elements(colour, "unknown", 0.005)
    assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)
    whole = []
    for one in found:
        left, top, right, bottom = one.box
        whole.append(np.zeros(masks[0].shape, bool))
        whole[-1][top:bottom, left:right] = one.mask
        assert 0.005 * colour[..., 0].size <= one.area_px <= 0.1 * colour[..., 0].size
    for mask in masks:
        assert max((mask & one).sum() / (mask | one).sum() for one in whole[:12]) > 0.8
    for number, one in enumerate(whole):
        assert all((one & other).sum() < 0.6 * (one | other).sum() for other in whole[:number])


def test_a_wall_of_one_colour_has_no_parts_to_put_together() -> None:
    assert propose_elements(np.full((6, 6, 3), 0.5, np.float32), "unknown", 0.5) == []
