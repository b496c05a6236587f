"""Pairs of walls that are not trained on, and how well a matcher does on them while it learns."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..matching import match_points
from ..network import Matcher
from ..scoring import accuracy_and_recall, judge, recall_at, together
from .drawing import Example, draw_example
from .shard import ShardSize, read_or_make_shard

_FIRST_WALL = 900  # numbers of validation walls, beyond those of the training
WALLS, POINTS = 1, 512


@dataclass(frozen=True)
class Point:
    """A point of the validation curve."""

    step: int
    accuracy: float  # of matches with a probability of .1
    recall: float
    recall_at_90: float  # at an accuracy of .90, whichever threshold that is


def validation_pairs(folder: Path, seed: int, pairs: int, size: ShardSize) -> list[Example]:
    """Pairs of views, from `WALLS` walls."""
    random = np.random.default_rng([seed, 3])
    shards = [read_or_make_shard(folder, seed, _FIRST_WALL + number, size) for number in range(WALLS)]
    return [draw_example(shards[number % WALLS], POINTS, False, random) for number in range(pairs)]


def validate(network: Matcher, examples: list[Example], step: int) -> Point:
    """Match all pairs."""
    was_training = network.training
    network.eval()
    judged = []
    for example in examples:
        found = match_points(network, example.a, example.b)
        truth = example.truth
        place = np.where(truth.inside_a[:, None], truth.place_a, np.nan)
        judged.append(judge(found.rows, found.probability, place, example.b.place, truth.partner))
    network.train(was_training)
    whole = together(judged)
    accuracy, recall = accuracy_and_recall(whole, 0.1)
    return Point(step, accuracy, recall, recall_at(whole, 0.9))
