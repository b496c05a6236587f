"""Which pair of views, and which of their points, one example of the training has."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..points import MatchPoints
from .shard import VIEWS, Shard, View
from .truth import Truth, find_truth, overlap_of
from .view_map import VIEW_HEIGHT, VIEW_WIDTH

APART = 0.1  # share of examples whose views come from any two places of a wall, which mostly do not overlap
LEAST_OVERLAP, EASY_OVERLAP = 0.12, 0.4
_TRIALS = 12
_WINDOWED = 0.4  # share of examples whose points are those of a part of the view, as dense as in use


@dataclass(frozen=True)
class Example:
    """Two views with equally many points each, and the truth."""

    a: MatchPoints
    b: MatchPoints
    truth: Truth


def draw_example(shard: Shard, points: int, easy: bool, random: np.random.Generator) -> Example:
    """A pair of views of one wall with `points` points each, fewer where a view has fewer; easy ones overlap well."""
    one, other = _pair(shard, easy, random)
    middle = None
    if random.random() < _WINDOWED:
        middle = one.map.to_wall(random.uniform(0.2, 0.8, (1, 2)) * (VIEW_WIDTH, VIEW_HEIGHT))
    a = one.points.chosen(_some_points(one, middle, points, random))
    b = other.points.chosen(_some_points(other, middle, points, random))
    count = min(len(a), len(b))
    a, b = a.chosen(np.arange(count)), b.chosen(np.arange(count))
    return turn_first(Example(a, b, find_truth(a, one.map, b, other.map)), _turn(random))


def turn_first(example: Example, angle: float) -> Example:
    """The example with its first view turned by an angle (radians) about its middle: SIFT's descriptors stay what they are."""
    a, truth = example.a, example.truth
    middle = np.array([a.width, a.height]) / 2
    rotation = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])  # for rows
    place = ((a.place - middle) @ rotation + middle).astype(np.float32)
    turned = np.angle(np.exp(1j * (a.angle + angle))).astype(np.float32)
    return Example(
        MatchPoints(place, a.size, turned, a.descriptors, a.width, a.height),
        example.b,
        dataclasses.replace(truth, place_b=(truth.place_b - middle) @ rotation + middle),
    )


def _turn(random: np.random.Generator) -> float:
    """Radians: mostly few degrees, at times anything."""
    return float(random.normal(0, 0.07) if random.random() < 0.85 else random.uniform(-np.pi, np.pi))


def same_count(examples: Sequence[Example]) -> list[Example]:
    """The examples with as many points as that with the fewest."""
    count = min(len(example.a) for example in examples)
    return [_cut(example, count) for example in examples]


def _cut(example: Example, count: int) -> Example:
    if len(example.a) == count:
        return example
    truth, kept = example.truth, slice(0, count)
    partner = truth.partner[kept]
    rows = np.arange(count)
    return Example(
        example.a.chosen(rows),
        example.b.chosen(rows),
        Truth(
            partner=np.where(partner < count, partner, -1),
            alone_a=truth.alone_a[kept],
            alone_b=truth.alone_b[kept],
            place_a=truth.place_a[kept],
            place_b=truth.place_b[kept],
            inside_a=truth.inside_a[kept],
            inside_b=truth.inside_b[kept],
        ),
    )


def _pair(shard: Shard, easy: bool, random: np.random.Generator) -> tuple[View, View]:
    if random.random() < APART:
        first, second = random.choice(len(shard.views), 2, replace=False)
        return shard.views[first], shard.views[second]
    least = EASY_OVERLAP if easy else LEAST_OVERLAP
    for _ in range(_TRIALS):
        cluster = int(random.integers(shard.clusters)) * VIEWS
        first, second = cluster + random.choice(VIEWS, 2, replace=False)
        one, other = shard.views[first], shard.views[second]
        if overlap_of(one.map, other.map, VIEW_WIDTH, VIEW_HEIGHT) >= least:
            break
    return one, other


def _some_points(view: View, middle: NDArray[np.float64] | None, count: int, random: np.random.Generator) -> NDArray[np.int64]:
    """Rows of `count` points: those nearest to a place of the wall (1, 2), else the largest, with some jitter."""
    points = view.points
    if middle is None:
        key = -np.log(points.size) + random.gumbel(0, 0.4, len(points))
    else:
        there = view.map.to_view(middle)[0].clip(0, (VIEW_WIDTH, VIEW_HEIGHT))
        key = np.hypot(*(points.place - there).T) + random.uniform(0, 60, len(points))
    return np.argsort(key, kind="stable")[:count].astype(np.int64)
