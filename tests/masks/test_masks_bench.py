"""The masks' bench: what is pasted, how the scripted user paints, and a small part of the curve on the real elements."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest

from grotto.evaluation import tables_in
from grotto.evaluation.element import Curve, masks_table, run_masks
from grotto.evaluation.scenes import element_of, made_element, next_stroke, paste

DATA = Path(os.environ.get("GROTTO_DATA", Path(__file__).resolve().parents[2] / "../shared/data"))


def test_an_element_is_what_is_not_white_and_pastes_with_its_truth() -> None:
    pixels = np.full((80, 100, 3), 253, np.uint8)
    pixels[20:60, 30:90] = (120, 60, 40)
    pixels[30:32, 40:42] = 255  # a fleck is no hole
    pixels[2:4, 2:4] = 0  # a crumb is no element
    element = element_of("block", pixels)
    assert element.coverage.shape == (40, 60)
    assert element.coverage.min() >= 0.5
    wall = np.full((600, 700, 3), 200, np.uint8)
    pasted = paste(element, wall, np.random.default_rng(4))
    rows, columns = np.nonzero(pasted.truth)
    left, top, right, bottom = pasted.box
    assert left < columns.min() < columns.max() + 1 < right
    assert top < rows.min() < rows.max() + 1 < bottom
    assert (right - left) / (bottom - top) == pytest.approx(1.5, rel=0.05)
    assert pasted.colour[pasted.truth].mean(axis=0)[0] == pytest.approx(120 / 255, abs=0.03)
    assert pasted.colour[~pasted.truth].mean() == pytest.approx(200 / 255, abs=0.01)


def test_a_made_element_is_equal_for_an_equal_seed_and_covers_what_it_colours() -> None:
    wall = np.random.default_rng(1).integers(0, 255, (300, 400, 3)).astype(np.uint8)
    one, same, other = (made_element(np.random.default_rng(seed), wall, 160) for seed in (5, 5, 6))
    assert np.array_equal(one.colour, same.colour)
    assert one.coverage.shape != other.coverage.shape or not np.array_equal(one.coverage, other.coverage)
    for element in (one, other):
        assert (element.coverage >= 0.5).mean() > 0.01
        assert min(element.coverage.shape) >= 8
        assert element.colour.shape[:2] == element.coverage.shape
        assert 0 <= element.colour.min() < element.colour.max() <= 255


def test_the_user_paints_through_the_largest_fault_only() -> None:
    truth = np.zeros((100, 100), dtype=bool)
    truth[20:80, 30:50] = True
    found = truth.copy()
    found[20:50, 30:50] = False  # missing: 600 px
    found[85:95, 60:90] = True  # too much: 300 px
    stroke = next_stroke(found, truth)
    assert stroke is not None
    assert stroke.on_subject
    rows, columns = np.nonzero(stroke.painted)
    assert 25 < rows.mean() < 45
    assert 35 < columns.mean() < 45
    assert not (stroke.painted & ~truth).any()
    assert rows.max() - rows.min() <= 11
    found[20:50, 30:50] = True
    other = next_stroke(found, truth)
    assert other is not None
    assert not other.on_subject
    assert next_stroke(truth, truth) is None


def test_the_table() -> None:
    curves = [Curve("a/x", tuple(np.linspace(0.5, 0.9, 11)), tuple(np.linspace(0.3, 0.7, 11))), Curve("b/x", (0.7,) * 11, ())]
    means, elements = tables_in(masks_table(curves))
    assert [row[:2] for row in means.rows] == [("Grotto", ".600"), ("plain GrabCut", ".300")]
    assert elements.rows == (("a/x", ".500", ".620", ".900", ".300", ".420", ".700"), ("b/x", ".700", ".700", ".700", "", "", ""))


@pytest.mark.slow
def test_a_part_of_the_curve(tmp_path: Path) -> None:
    if not (DATA / "elements").is_dir():
        pytest.skip(f"{DATA / 'elements'} is not there: set GROTTO_DATA to a folder that holds elements")
    run_masks(DATA / "elements", out=tmp_path, names=("apsara", "lady_robe", "lotus_hand", "nine_coloured_deer"))
    curves = json.loads((tmp_path / "masks.json").read_text(encoding="utf-8"))
    assert len(curves) == 8
    ours, plain = (np.mean([curve[who] for curve in curves], axis=0) for who in ("ours", "grabcut"))
    assert ours[10] >= 0.9
    assert ours[3] >= plain[3] + 0.1
