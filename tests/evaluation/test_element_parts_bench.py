"""The bench of parts counts what agrees with the drawing's truth."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from grotto.evaluation import evaluate_command, tables_in
from grotto.evaluation.element import Agreement
from grotto.runner import StageInTerminal
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


@pytest.mark.slow
def test_evaluate_element_makes_parts_and_layers_of_each_picture(tmp_path: Path) -> None:
    drawn = draw_parts([drawn_disc(75, 100, 55), drawn_disc(125, 95, 55)], 200)
    over_white = drawn.colour * drawn.alpha[..., None] + 1 - drawn.alpha[..., None]
    (tmp_path / "pictures").mkdir()
    Image.fromarray((np.clip(over_white, 0, 1) * 255).astype(np.uint8)).save(tmp_path / "pictures" / "discs.png")
    stream = io.StringIO()
    words = ["--out", str(tmp_path / "out"), "--pictures", str(tmp_path / "pictures"), "--parts", "parts"]
    evaluate_command("element", words, stream, lambda title: StageInTerminal(title, stream))
    drawn_table, pictures = tables_in((tmp_path / "out" / "element.md").read_text(encoding="utf-8"))
    assert [row[0] for row in pictures.rows] == ["discs"]
    assert len(drawn_table.rows) == 3
