"""The bench of parts counts what agrees with the drawing's truth."""

from __future__ import annotations

from grotto.evaluation.element import Agreement
from grotto.synthetic import draw_parts, drawn_disc


def test_a_figure_told_apart_rightly_counts_as_right_and_its_mirror_in_depth_would_not() -> None:
    left, right = drawn_disc(75, 100, 55), drawn_disc(125, 95, 55)
    found = Agreement()
    found.add(draw_parts([left, right], 200))
    assert (found.figures, found.whole, found.right, found.neighbours) == (1, 1, 1, 1)
    assert found.votes_right == found.votes > 0


def test_shapes_of_one_colour_without_ink_are_not_found_and_that_is_counted() -> None:
    shapes = [drawn_disc(60 + 10 * number, 100, 50) for number in range(9)]  # the ninth has the first one's colour
    made = draw_parts([shapes[0], *[drawn_disc(-500, -500, 10)] * 7, shapes[8]], 200, line_px=0)
    found = Agreement()
    found.add(made)
    assert (found.figures, found.whole, found.neighbours) == (1, 0, 0)
