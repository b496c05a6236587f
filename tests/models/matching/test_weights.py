"""Weights of the matcher: those that ship, damaged ones, and those of another version."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from itertools import combinations
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from grotto.contract import Kind, ProblemError, Silent
from grotto.contract.options import MakeWallOptions
from grotto.models.matching import (
    CARD,
    PAPER,
    SHIPPED,
    STRICT,
    WEIGHTS,
    MatcherDesign,
    MatchPoints,
    accuracy_and_recall,
    batch_of,
    judge,
    largest_rows,
    load_matcher,
    match_points,
    new_matcher,
    points_from_colmap,
    recall_at,
    together,
    write_matcher,
)
from grotto.models.matching.training import ViewMap, draw_view, draw_view_map, find_truth, find_view_points, spoil
from grotto.synthetic.painting import paint

SMALL = MatcherDesign(width=16, heads=2, loops=2)
MOST_BYTES = 12_000_000


def repeated_wall(seed: int) -> tuple[MatchPoints, MatchPoints, np.ndarray]:
    """Two pictures of one wall whose motif repeats: points of few kinds, each with little of its own; the second is shifted.

    Of each picture's 300 points the other shows 150. Returns both and the true rows in the second (n,), -1 without.
    """
    random = np.random.default_rng(seed)
    kinds = np.abs(random.standard_normal((60, 128)))
    own = kinds[random.integers(60, size=450)] + 0.45 * np.abs(random.standard_normal((450, 128)))
    third = np.repeat([0, 1, 2], 150)  # of the wall
    place = np.column_stack([320 * (third + random.uniform(0, 1, 450)), random.uniform(0, 480, 450)])
    sides = []
    for left in (0, 1):  # the third at which the picture begins
        rows = np.flatnonzero((third == left) | (third == left + 1))
        seen = np.sqrt(np.maximum(own[rows] + 0.45 * random.standard_normal((300, 128)), 0))
        shown = place[rows] - [320 * left, 0] + random.normal(0, 0.5, (300, 2))
        size, angle = random.uniform(2, 4, 300), random.normal(0, 0.05, 300)
        unit = seen / np.linalg.norm(seen, axis=1, keepdims=True)
        sides.append(MatchPoints(*(part.astype(np.float32) for part in (shown, size, angle, unit)), 640, 480))
    partner = np.full(300, -1)
    partner[150:] = np.arange(150)
    return sides[0], sides[1], partner


def made_views(seed: int) -> list[tuple[ViewMap, MatchPoints]]:
    """Three views of one small wall of like figures, which no matcher was trained on, with the points of each."""
    random = np.random.default_rng(seed)
    wall = paint(1000, 1000, 0.65, MakeWallOptions(style="thousand", grain=0.3, seed=seed), None, Silent())
    grey = np.asarray(cv2.cvtColor(wall, cv2.COLOR_RGB2GRAY))
    views = [draw_view_map(np.array([500.0 + shift, 500.0]), random) for shift in (-120, 0, 120)]
    return [(view, find_view_points(spoil(draw_view(grey, view), random), random)) for view in views]


def test_the_matcher_that_ships_beats_any_ratio_on_views_of_a_made_wall() -> None:
    network = load_matcher().network
    ours, theirs = [], []
    for (map_a, first), (map_b, second) in combinations(made_views(5), 2):
        truth = find_truth(first, map_a, second, map_b)
        place = np.where(truth.inside_a[:, None], truth.place_a, np.nan)
        found = match_points(network, first, second)
        ours.append(judge(found.rows, found.probability, place, second.place, truth.partner))
        likeness = first.descriptors @ second.descriptors.T
        best, rows = likeness.argmax(1), np.arange(len(first))
        mutual = likeness.argmax(0)[best] == rows
        top = np.sqrt(np.maximum(2 - 2 * np.partition(likeness, -2, axis=1)[:, -2:], 1e-9))
        score = -(top[:, 1] / top[:, 0])[mutual]
        theirs.append(judge(np.column_stack([rows, best])[mutual], score, place, second.place, truth.partner))
    assert recall_at(together(ours), 0.9) > recall_at(together(theirs), 0.9) + 0.02


def test_the_weights_that_ship_are_small_and_have_a_history() -> None:
    loaded = load_matcher()
    assert (SHIPPED / WEIGHTS).stat().st_size < MOST_BYTES
    assert loaded.card["pairs_seen"] > 0
    assert loaded.card["validation"]
    assert loaded.card["licence"] == "GPL-3.0-or-later"


def cut_short(folder: Path) -> None:
    content = (folder / WEIGHTS).read_bytes()
    (folder / WEIGHTS).write_bytes(content[:-100])


def one_bit(folder: Path) -> None:
    content = bytearray((folder / WEIGHTS).read_bytes())
    content[-5] ^= 1
    (folder / WEIGHTS).write_bytes(bytes(content))


def no_card(folder: Path) -> None:
    (folder / CARD).unlink()


def no_weights(folder: Path) -> None:
    (folder / WEIGHTS).unlink()


def card_of_text(folder: Path) -> None:
    (folder / CARD).write_text("[]")


@pytest.mark.parametrize(
    ("damage", "kind"),
    [
        (cut_short, Kind.BAD_INPUT),
        (one_bit, Kind.BAD_INPUT),
        (card_of_text, Kind.BAD_INPUT),
        (no_card, Kind.MISSING_RESOURCE),
        (no_weights, Kind.MISSING_RESOURCE),
    ],
)
def test_damaged_weights_are_refused(tmp_path: Path, damage: Callable[[Path], None], kind: Kind) -> None:
    write_matcher(new_matcher(SMALL, 0), tmp_path, {})
    load_matcher(tmp_path)
    damage(tmp_path)
    with pytest.raises(ProblemError) as raised:
        load_matcher(tmp_path)
    assert raised.value.problem.kind is kind
    assert raised.value.problem.remedy


def test_weights_of_another_design_are_refused(tmp_path: Path) -> None:
    write_matcher(new_matcher(SMALL, 0), tmp_path / "small", {})
    other = new_matcher(SMALL, 0)
    object.__setattr__(other, "design", MatcherDesign(width=32, heads=2, loops=2))
    write_matcher(other, tmp_path / "other", {})
    with pytest.raises(ProblemError, match="another version"):
        load_matcher(tmp_path / "other")


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    network = new_matcher(PAPER, 3).eval()
    digest = write_matcher(network, tmp_path, {"pairs_seen": 7})
    loaded = load_matcher(tmp_path)
    assert (loaded.sha256, loaded.card["pairs_seen"], loaded.network.design) == (digest, 7, PAPER)
    assert json.loads((tmp_path / CARD).read_text())["sha256"] == digest
    assert all(torch.equal(value, loaded.network.state_dict()[key]) for key, value in network.state_dict().items())
    shutil.rmtree(tmp_path)


def test_matches_do_not_depend_on_the_order_of_the_points() -> None:
    first, second, _ = repeated_wall(0)
    network = new_matcher(SMALL, 0).eval()
    order = np.random.default_rng(0).permutation(len(first))
    straight = match_points(network, first, second).at_least(0.0)
    mixed = match_points(network, first.chosen(order), second).at_least(0.0)
    mixed[:, 0] = order[mixed[:, 0]]
    same = {tuple(row) for row in straight.tolist()} & {tuple(row) for row in mixed.tolist()}
    assert len(same) > 0.98 * len(straight)


def test_no_points_give_no_matches() -> None:
    first, second, _ = repeated_wall(0)
    none = first.chosen(np.zeros(0, np.int64))
    network = new_matcher(SMALL, 0).eval()
    assert match_points(network, none, second).at_least(STRICT).shape == (0, 2)
    assert match_points(network, first, none).at_least(STRICT).shape == (0, 2)


def test_points_of_colmap_and_the_largest_of_them() -> None:
    turn = np.array([[0.0, -1.0], [1.0, 0.0]])  # a quarter turn clockwise in the picture
    keypoints = np.array([[10, 20, *(3 * turn).ravel()], [5, 6, *(7 * turn).ravel()]], np.float32)
    points = points_from_colmap(keypoints, np.full((2, 128), 45, np.uint8), 640, 480)
    assert points.size == pytest.approx([3, 7])
    assert points.angle == pytest.approx([np.pi / 2] * 2)
    assert np.linalg.norm(points.descriptors, axis=1) == pytest.approx([1, 1])
    assert largest_rows(points, 1).tolist() == [1]
    batch = batch_of([points])
    assert batch.place[0, 0].tolist() == pytest.approx([-310 / 320, -220 / 320])


def test_accuracy_of_nothing_is_no_number_out_of_range() -> None:
    none = judge(np.zeros((0, 2), np.int64), np.zeros(0), np.zeros((3, 2)), np.zeros((0, 2)), np.full(3, -1))
    assert accuracy_and_recall(none) == (0.0, 0.0)
    assert recall_at(none, 0.9) == 0.0
