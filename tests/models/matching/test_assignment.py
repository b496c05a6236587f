"""The assignment and the gate, against closed forms; and the scores of matches."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from grotto.models.matching import dual_softmax, judge, recall_at, sinkhorn, spatial_interaction, together


def test_dual_softmax_is_the_product_of_both_softmaxes() -> None:
    similarity = torch.tensor([[[0.0, math.log(3.0)], [math.log(2.0), 0.0]]])
    # rows: 1/4 3/4, 2/3 1/3; columns: 1/3 3/4, 2/3 1/4
    expected = torch.tensor([[[1 / 12, 9 / 16], [4 / 9, 1 / 12]]])
    assert torch.allclose(dual_softmax(similarity).exp(), expected, atol=1e-6)


@pytest.mark.parametrize(("n", "m"), [(5, 5), (4, 7)])
def test_rows_and_columns_of_sinkhorn_add_up_to_one_with_their_dustbins(n: int, m: int) -> None:
    similarity = 3 * torch.randn(2, n, m, generator=torch.Generator().manual_seed(n))
    table = sinkhorn(similarity, torch.tensor(0.5), 200).exp()
    assert table.shape == (2, n + 1, m + 1)
    assert torch.allclose(table[:, :-1].sum(-1), torch.ones(2, n), atol=1e-4)
    assert torch.allclose(table[:, :, :-1].sum(-2), torch.ones(2, m), atol=1e-4)


def test_a_high_dustbin_takes_all_and_a_low_one_nothing() -> None:
    similarity = torch.eye(3)[None]
    assert float(sinkhorn(similarity, torch.tensor(30.0), 100).exp()[:, :-1, :-1].sum()) < 1e-6
    assert float(sinkhorn(similarity, torch.tensor(-30.0), 100).exp()[:, :-1, :-1].sum()) == pytest.approx(3.0, abs=0.05)


def test_the_gate_is_the_table_of_products_of_places_times_the_scores() -> None:
    embedded = torch.tensor([[[1.0, 0.0], [0.0, 2.0], [1.0, 1.0]]])
    score = torch.tensor([[1.0, -1.0, 3.0]])
    # W W^T = [[1, 0, 1], [0, 4, 2], [1, 2, 2]]
    expected = torch.tensor([[4.0, 2.0, 5.0]]) / 3
    assert torch.allclose(spatial_interaction(embedded, score), expected)


def test_the_gate_does_not_grow_with_the_number_of_points() -> None:
    embedded, score = torch.randn(1, 40, 4, generator=torch.Generator().manual_seed(0)), torch.ones(1, 40)
    once, twice = spatial_interaction(embedded, score), spatial_interaction(embedded.repeat(1, 2, 1), score.repeat(1, 2))
    assert torch.allclose(twice[:, :40], once, atol=1e-5)


def test_recall_at_an_accuracy_takes_the_best_threshold_and_never_parts_equal_scores() -> None:
    place = np.array([[0.0, 0.0], [10, 0], [20, 0], [30, 0]])
    rows = np.array([[0, 0], [1, 1], [2, 3], [3, 3]])
    partner = np.array([0, 1, 2, 3])
    judged = judge(rows, np.array([0.9, 0.8, 0.7, 0.7]), place, place, partner)
    assert judged.right.tolist() == [True, True, False, True]
    assert judged.covered == 4
    assert recall_at(judged, 0.9) == pytest.approx(0.5)
    assert recall_at(judged, 0.75) == pytest.approx(0.75)
    assert recall_at(together([judged, judged]), 0.75) == pytest.approx(0.75)


def test_points_outside_the_other_picture_are_neither_covered_nor_right() -> None:
    place = np.array([[0.0, 0.0], [np.nan, np.nan]])
    judged = judge(np.array([[0, 0], [1, 1]]), np.ones(2), place, np.array([[1.0, 0.0], [9.0, 9.0]]), np.array([0, -1]))
    assert judged.covered == 1
    assert judged.right.tolist() == [True, False]
