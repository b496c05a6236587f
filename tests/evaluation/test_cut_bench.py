"""The bench of `cut`: known places on murals, what counts as found, and its table."""

from __future__ import annotations

import numpy as np
import pytest

from grotto.evaluation import tables_in
from grotto.evaluation.cut import MuralScore, Proposal, cut_table, overlap
from grotto.evaluation.scenes import Element, Laid, mural_of


def disc(name: str) -> Element:
    y, x = np.mgrid[:60, :40] + 0.5
    coverage = np.clip(19 - np.hypot(x - 20, (y - 30) / 1.5) + 0.5, 0, 1).astype(np.float32)
    return Element(name, np.full((60, 40, 3), (20, 40, 160), np.float32), coverage)


def test_elements_lie_where_it_says_apart_from_each_other_and_within_the_mural() -> None:
    wall, laid = mural_of("plain", 3, [disc(name) for name in "abcd"], 300)
    again, _ = mural_of("plain", 3, [disc(name) for name in "abcd"], 300)
    np.testing.assert_array_equal(wall, again)
    assert wall.shape == (210, 300, 3)
    assert [one.name for one in laid] == list("abcd")
    blue = np.abs(wall.astype(int) - (20, 40, 160)).sum(2) < 30
    truth = np.zeros(blue.shape, bool)
    for one in laid:
        left, top, right, bottom = one.box
        assert 0 <= left < right <= 300
        assert not truth[top:bottom, left:right].any()
        truth[top:bottom, left:right] = one.mask
    assert (blue & truth).sum() > 0.9 * truth.sum()
    assert (blue & ~truth).sum() < 0.05 * truth.sum()


def test_overlap_is_intersection_over_union_of_masks_not_of_boxes() -> None:
    mask = np.zeros((10, 20), bool)
    mask[:, :10] = True
    laid = Laid("a", (5, 5, 25, 15), mask)
    assert overlap(laid, Proposal((5, 5, 25, 15), np.ones((10, 20), bool))) == pytest.approx(0.5)
    assert overlap(laid, Proposal((5, 5, 15, 15), np.ones((10, 10), bool))) == 1.0
    assert overlap(laid, Proposal((10, 5, 20, 15), np.ones((10, 10), bool))) == pytest.approx(50 / 150)
    assert overlap(laid, Proposal((50, 50, 60, 60), np.ones((10, 10), bool))) == 0.0


def test_the_table_counts_what_was_found_and_keeps_large_murals_out_of_the_means() -> None:
    def score(width: int, best: dict[str, float]) -> MuralScore:
        return MuralScore(
            style="plain",
            seed=0,
            width=width,
            height=1400,
            best=best,
            proposals=9,
            way="plain ground",
            seconds=3.0,
            peak_mb=512.0,
        )

    murals, elements = tables_in(cut_table([score(2000, {"a": 0.9, "b": 0.4}), score(20_000, {"a": 0.1})]))
    rows = {row[:2]: dict(zip(murals.heads, row, strict=True)) for row in murals.rows}
    small = rows["plain 0", "2000 x 1400"]
    assert (small["elements"], small["found"], small["mean IoU"], small["peak GB"]) == ("2", "1", "0.65", "0.5")
    assert (rows["all plain", ""]["found"], rows["all plain", ""]["mean IoU"]) == ("1", "0.65")
    assert elements.rows == (("a", "0.90"), ("b", "0.40"))
