"""Training the matcher: exact maps, true matches, a falling loss, and a stopped training that goes on as if it had not been."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from grotto.contract import Cancelled, ProblemError, Silent
from grotto.contract.options import MatcherTrainOptions
from grotto.models.matching import WEIGHTS, MatchPoints, load_matcher
from grotto.models.matching.training import (
    VIEW_HEIGHT,
    VIEW_WIDTH,
    ShardSize,
    TrainingSize,
    draw_view_map,
    find_truth,
    overlap_of,
    train_matcher,
)

OPTIONS = MatcherTrainOptions(train_steps=24, train_batch=1, train_points=64, train_walls=1, device="cpu")
SHARD = ShardSize(wall_px=900, clusters=1)
SIZE = TrainingSize(shard=SHARD, validation_pairs=2)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    out = tmp_path_factory.mktemp("matcher")
    made = train_matcher(OPTIONS, out, Silent(), SIZE)
    assert made.last_loss < made.first_loss
    assert made.curve
    yield out


def test_a_few_steps_lower_the_loss_and_leave_weights_that_load(trained: Path) -> None:
    card = load_matcher(trained).card
    assert card["steps"] == OPTIONS.train_steps
    assert card["loss"][1] < card["loss"][0]
    assert card["pairs_seen"] == OPTIONS.train_steps


class Stops(Silent):
    """Progress of a user who cancels once the steps have begun."""

    def __call__(self, fraction: float, message: str = "") -> None:
        if message.startswith("step 15 "):
            raise Cancelled


def test_a_stopped_training_ends_with_the_same_numbers(trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from grotto import fitting

    always = fitting.Intervals(report=0.0, copy=0.0, copy_share=1.0, checkpoint=0.0)
    monkeypatch.setattr("grotto.fitting.loop.INTERVALS", always)
    (tmp_path / "walls").symlink_to(trained / "walls")
    with pytest.raises(Cancelled):
        train_matcher(OPTIONS, tmp_path, Stops(), SIZE)
    train_matcher(OPTIONS, tmp_path, Silent(), SIZE)
    straight, resumed = load_file(trained / WEIGHTS), load_file(tmp_path / WEIGHTS)
    assert all(torch.allclose(straight[key], resumed[key], atol=1e-6) for key in straight)


def test_training_goes_on_from_other_weights_only_if_they_have_the_same_parts(trained: Path, tmp_path: Path) -> None:
    (tmp_path / "walls").symlink_to(trained / "walls")
    more = dataclasses.replace(OPTIONS, start_from=str(trained), train_steps=2)
    with pytest.raises(ProblemError, match="other parts"):
        train_matcher(dataclasses.replace(more, parts="paper"), tmp_path, Silent(), SIZE)
    made = train_matcher(more, tmp_path, Silent(), SIZE)
    assert load_matcher(made.folder).card["before"]["pairs_seen"] == OPTIONS.train_steps


@pytest.mark.parametrize("parts", ["paper", "no_gate", pytest.param("no_skip", marks=pytest.mark.slow)])
def test_each_form_takes_steps_of_finite_loss(trained: Path, tmp_path: Path, parts: str) -> None:
    (tmp_path / "walls").symlink_to(trained / "walls")
    options = dataclasses.replace(
        OPTIONS, parts=parts, train_steps=2, assignment="sinkhorn" if parts == "no_gate" else "dual_softmax"
    )
    assert np.isfinite(train_matcher(options, tmp_path, Silent(), TrainingSize(shard=SHARD, validation_pairs=0)).last_loss)


def test_the_map_of_a_view_has_an_exact_inverse() -> None:
    random = np.random.default_rng(4)
    for _ in range(5):
        view = draw_view_map(np.array([800.0, 700.0]), random)
        place = random.uniform(0, 1, (50, 2)) * (VIEW_WIDTH, VIEW_HEIGHT)
        assert view.to_view(view.to_wall(place)) == pytest.approx(place, abs=1e-3)
        assert overlap_of(view, view, VIEW_WIDTH, VIEW_HEIGHT) == 1.0


def test_true_matches_are_those_of_the_wall_and_never_of_another_orientation() -> None:
    random = np.random.default_rng(5)
    one, other = (draw_view_map(np.array([800.0, 700.0]), random) for _ in range(2))
    place = random.uniform(0.3, 0.7, (40, 2)) * (VIEW_WIDTH, VIEW_HEIGHT)
    there = other.to_view(one.to_wall(place))
    ahead = other.to_view(one.to_wall(place + np.array([1.0, 0.0]))) - there
    angle, size = np.arctan2(ahead[:, 1], ahead[:, 0]), 3 * np.hypot(*ahead.T)
    angle[0] += np.pi
    blank = np.zeros((40, 128), np.float32)
    first = MatchPoints(
        place.astype(np.float32), np.full(40, 3, np.float32), np.zeros(40, np.float32), blank, VIEW_WIDTH, VIEW_HEIGHT
    )
    second = MatchPoints(
        there.astype(np.float32), size.astype(np.float32), angle.astype(np.float32), blank, VIEW_WIDTH, VIEW_HEIGHT
    )
    truth = find_truth(first, one, second, other)
    assert truth.partner[1:].tolist() == list(range(1, 40))
    assert truth.partner[0] == -1
    assert not truth.alone_a.any()
