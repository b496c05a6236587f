"""The loss of one loop's scores: true pairs, points without a partner, and the places where partners are sought."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from ..network import LoopScores, Matcher, Sought
from ..points import MatchPoints
from .drawing import Example

LOOP_WEIGHTS = (0.3, 1.0)  # of all loops but the last, and of the last
_ALONE, _PLACE = 0.5, 0.15


@dataclass(frozen=True)
class Target:
    """The truth of b examples as tensors; places in halves of the picture's longer side about its middle."""

    pairs: Tensor  # (p, 3) example, row of the first view, row of the second
    alone_a: Tensor  # (b, n) whether a point has no partner for certain
    alone_b: Tensor
    place_a: Tensor  # (b, n, 2)
    place_b: Tensor
    inside_a: Tensor  # (b, n)
    inside_b: Tensor


def target_of(examples: Sequence[Example], device: torch.device | None = None) -> Target:
    """The truths of examples with equally many points."""
    pairs = []
    for number, example in enumerate(examples):
        rows = np.flatnonzero(example.truth.partner >= 0)
        pairs.append(np.column_stack([np.full(len(rows), number), rows, example.truth.partner[rows]]))

    def stacked(arrays: Sequence[np.ndarray]) -> Tensor:
        return torch.from_numpy(np.stack(arrays)).to(device)

    return Target(
        pairs=torch.from_numpy(np.concatenate(pairs)).to(device),
        alone_a=stacked([example.truth.alone_a for example in examples]),
        alone_b=stacked([example.truth.alone_b for example in examples]),
        place_a=stacked([_normalised(example.truth.place_a, example.b) for example in examples]),
        place_b=stacked([_normalised(example.truth.place_b, example.a) for example in examples]),
        inside_a=stacked([example.truth.inside_a for example in examples]),
        inside_b=stacked([example.truth.inside_b for example in examples]),
    )


def _normalised(place: np.ndarray, shown_in: MatchPoints) -> np.ndarray:
    half = max(shown_in.width, shown_in.height) / 2
    return ((place - np.array([shown_in.width, shown_in.height]) / 2) / half).astype(np.float32)


def matching_loss(network: Matcher, loops: Sequence[LoopScores], target: Target) -> tuple[Tensor, Tensor]:
    """The loss over all loops, and that of the last loop's pairs and lonely points alone, which is never negative."""
    total = loops[-1].similarity.new_zeros(())
    shown = total
    for number, scores in enumerate(loops):
        last = number == len(loops) - 1
        weight = LOOP_WEIGHTS[1] if last else LOOP_WEIGHTS[0]
        shown = _pair_loss(network, scores, target)
        total = total + weight * shown
        if scores.sought_a is not None and scores.sought_b is not None:
            sought = _place_loss(scores.sought_a, target.place_a, target.inside_a)
            sought = sought + _place_loss(scores.sought_b, target.place_b, target.inside_b)
            total = total + weight * _PLACE * sought
    return total, shown


def _pair_loss(network: Matcher, scores: LoopScores, target: Target) -> Tensor:
    """Mean of -log P over true pairs, and of -log(1 - sigma) over points without a partner, on each side.

    With dustbins also of -log of the share that such a point gives to its dustbin.
    """
    assigned = network.assign(scores)
    example, first, second = target.pairs.unbind(1)
    loss = _mean(-assigned.match[example, first, second])
    sides = ((scores.gate_a, assigned.lonely_a, target.alone_a), (scores.gate_b, assigned.lonely_b, target.alone_b))
    for gate, lonely, alone in sides:
        if gate is not None:
            loss = loss + _ALONE * _mean(functional.softplus(gate[alone]))
        if lonely is not None:
            loss = loss + _ALONE * _mean(-lonely[alone])
    return loss


def _place_loss(sought: Sought, place: Tensor, inside: Tensor) -> Tensor:
    """-log of a two-dimensional Laplace density about the sought place, up to a constant, where the other view shows it."""
    miss = (sought.place - place).square().sum(-1).clamp(min=1e-8).sqrt()
    return _mean((sought.sharpness * miss - 2 * sought.sharpness.log())[inside])


def _mean(values: Tensor) -> Tensor:
    return values.mean() if values.numel() else values.sum()
