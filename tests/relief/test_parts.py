"""Parts of drawn figures whose order is known: they are told apart, and junctions say which lies before which."""

from __future__ import annotations

import numpy as np
import pytest

from grotto.relief.parts import (
    agreement,
    cue_weights,
    neighbours,
    order_cues,
    part_confidences,
    part_labels,
    part_levels,
    rank_parts,
    step_factor,
)
from grotto.synthetic import DrawnParts, draw_parts, drawn_disc, drawn_fan, drawn_ribbon

SIZE = 200


def two_discs(front_left: bool) -> DrawnParts:
    left, right = drawn_disc(75, 100, 55), drawn_disc(125, 95, 55)
    return draw_parts([right, left] if front_left else [left, right], SIZE)


def order_found(made: DrawnParts) -> list[int]:
    """Drawn shapes in the order that was found, back to front; each shape once."""
    labels = part_labels(made.colour, made.alpha, 12)
    order = rank_parts(cue_weights(order_cues(labels), int(labels.max())))
    shown = made.shown_by(labels)
    return list(dict.fromkeys(shown[part] for part in order))


@pytest.mark.parametrize("front_left", [True, False])
def test_of_two_discs_that_overlap_the_whole_one_lies_before_the_other(front_left: bool) -> None:
    assert order_found(two_discs(front_left)) == [1, 2]


def test_a_ribbon_across_a_body_lies_before_it_and_one_that_is_cut_in_two_behind() -> None:
    body, band = drawn_disc(100, 100, 62), drawn_ribbon((8, 120), (192, 80), 24, 8)
    assert order_found(draw_parts([body, band], SIZE)) == [1, 2]
    assert order_found(draw_parts([band, body], SIZE)) == [1, 2]


def test_parts_are_the_drawn_shapes_and_cover_the_figure_exactly() -> None:
    made = two_discs(front_left=True)
    labels = part_labels(made.colour, made.alpha, 12)
    assert ((labels > 0) == (made.alpha > 0.5)).all()
    assert labels.max() == made.count
    shown = made.shown_by(labels)
    right = np.vectorize(lambda part: shown.get(part, 0))(labels) == made.shape
    assert right[made.alpha > 0.5].mean() > 0.96
    area = np.bincount(labels.ravel())[1:]
    assert (np.diff(area) <= 0).all()


def test_no_more_parts_than_asked_and_one_colour_is_one_part() -> None:
    made = drawn_fan(3, size=SIZE)
    assert part_labels(made.colour, made.alpha, 3).max() <= 3
    plain = draw_parts([drawn_disc(100, 100, 70)], SIZE)
    assert part_labels(plain.colour, plain.alpha, 12).max() == 1
    assert part_labels(plain.colour, np.zeros((SIZE, SIZE), np.float32), 12).max() == 0


def test_many_discs_by_chance_are_mostly_brought_into_their_order() -> None:
    right = total = 0
    for seed in range(4):
        made = drawn_fan(seed, size=260, count=4)
        order = order_found(made)
        for behind, front in made.neighbours():
            total += 1
            right += order.index(front) > order.index(behind)
    assert total >= 12
    assert right >= 0.85 * total


def test_ranking_takes_the_heavier_votes_where_votes_go_round() -> None:
    weights = np.zeros((4, 4))
    weights[2, 1], weights[3, 2], weights[1, 3] = 1.0, 0.9, 0.2  # 1 before 3 contradicts, and is the lightest
    assert rank_parts(weights) == (1, 2, 3)
    assert agreement((1, 2, 3), weights) == pytest.approx(1.9 / 2.1)
    sure = part_confidences((1, 2, 3), weights)
    assert sure[2] == pytest.approx(1.0)
    assert 0 < sure[1] < 1


def test_levels_count_steps_only_over_parts_that_touch() -> None:
    touching = [(1, 2), (2, 1), (2, 3), (3, 2)]
    assert part_levels((1, 2, 3, 4), touching) == {1: 0, 2: 1, 3: 2, 4: 0}
    assert part_levels((3, 4, 1, 2), touching) == {3: 0, 4: 0, 1: 0, 2: 1}


def test_a_part_stands_a_step_before_what_it_hides_and_the_other_way_round_when_the_order_is_turned() -> None:
    made = two_discs(front_left=True)
    labels = part_labels(made.colour, made.alpha, 12)
    front = next(part for part, shape in made.shown_by(labels).items() if shape == 2)
    left, right = labels[100, 112], labels[100, 150]
    assert (left, right) == (front, 3 - front)
    row = step_factor(labels, (3 - front, front), 4.0)[100], step_factor(labels, (front, 3 - front), 4.0)[100]
    edge = int(np.flatnonzero(labels[100] == front)[-1])
    before, after = edge - 4, edge + 6
    assert row[0][before] > row[0][after] + 0.03
    assert row[1][after] > row[1][before] + 0.03
    assert (2, 1) in neighbours(labels)


def test_a_figure_of_one_part_stays_as_it_is() -> None:
    labels = (np.hypot(*(np.mgrid[:80, :80] - 40.0)) < 30).astype(np.int32)
    assert step_factor(labels, (1,), 5.0)[20:60, 20:60] == pytest.approx(1.0, abs=1e-6)
