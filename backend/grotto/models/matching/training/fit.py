"""The training of a matcher: AdamW on pairs of made views, half of the steps at one rate, then down along a cosine."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch

from ....contract.options import MatcherTrainOptions
from ....fitting import State
from ..network import Matcher
from ..points import batch_of
from .drawing import Example, draw_example, same_count
from .loss import matching_loss, target_of
from .shard import Shard, ShardSize, read_or_make_shard
from .validation import Point, validate

_BETAS, _CLIP = (0.9, 0.98), 1.0
_EASY = 0.1  # share of the steps at the start whose pairs overlap well
_FIRST_WALLS = 4  # more walls come in one by one over the first half of the steps
_LEAST_POINTS = 0.6  # of the largest number, in the smaller batches
_VALIDATIONS, _LEAST_BETWEEN = 8, 150  # over the training, and steps between two: each takes as long as a dozen steps


class MatcherFit:
    """The training in progress: a `Fit`. The random numbers of a step depend on its number alone."""

    def __init__(
        self, network: Matcher, folder: Path, options: MatcherTrainOptions, size: ShardSize, validation: list[Example]
    ) -> None:
        self._network, self._folder, self._options, self._size = network, folder, options, size
        self._validation = validation
        self.before = 0  # steps of earlier trainings that this one goes on from: other examples are drawn, of all walls
        self._optimiser = torch.optim.AdamW(network.parameters(), lr=options.train_rate, betas=_BETAS)
        self._batch = options.train_batch
        self._shards: dict[int, Shard] = {}
        self.losses: list[float] = []
        self.curve: list[Point] = []
        self.pairs_seen = 0
        self.after_validation: Callable[[int], None] = lambda step: None

    def step(self, number: int) -> float:
        """Where the loss or its gradient is not finite, nothing is changed."""
        network, device = self._network, next(self._network.parameters()).device
        examples = self._drawn(number)
        for group in self._optimiser.param_groups:
            group["lr"] = self._options.train_rate * rate_factor(number, self._options.train_steps)
        a = batch_of([example.a for example in examples], device)
        b = batch_of([example.b for example in examples], device)
        loss, shown = matching_loss(network, network(a, b), target_of(examples, device))
        self._optimiser.zero_grad(set_to_none=True)
        if not bool(torch.isfinite(loss)):
            return math.nan
        torch.autograd.backward(loss)
        if not bool(torch.isfinite(torch.nn.utils.clip_grad_norm_(network.parameters(), _CLIP))):
            return math.nan
        self._optimiser.step()
        self.losses.append(float(shown.detach()))
        self.pairs_seen += len(examples)
        every = max(_LEAST_BETWEEN, self._options.train_steps // _VALIDATIONS)
        if self._validation and ((number + 1) % every == 0 or number + 1 == self._options.train_steps):
            self.curve.append(validate(network, self._validation, number + 1))
            self.after_validation(number + 1)
        return self.losses[-1]

    def state(self) -> State:
        return {
            "network": self._network.state_dict(),
            "optimiser": self._optimiser.state_dict(),
            "losses": self.losses,
            "curve": [asdict(point) for point in self.curve],
            "pairs_seen": self.pairs_seen,
            "batch": self._batch,
        }

    def restore(self, state: State) -> None:
        self._network.load_state_dict(state["network"])
        self._optimiser.load_state_dict(state["optimiser"])
        self.losses = [*state["losses"]]
        self.curve = [Point(**point) for point in state["curve"]]
        self.pairs_seen, self._batch = state["pairs_seen"], state["batch"]

    def halve(self) -> str:
        if self._batch < 2:
            return ""
        self._batch //= 2
        return f"{self._batch} pairs per step"

    def size(self) -> str:
        return f"recall {self.curve[-1].recall_at_90:.3f} at accuracy .90" if self.curve else ""

    def _drawn(self, number: int) -> list[Example]:
        options = self._options
        random = np.random.default_rng([options.train_seed, self.before + number])
        known = options.train_walls if self.before else walls_known(number, options.train_steps, options.train_walls)
        points = int(random.uniform(_LEAST_POINTS, 1.0) * options.train_points)
        easy = not self.before and number < _EASY * options.train_steps
        examples: list[Example] = []
        while len(examples) < self._batch:
            shard = self._shard(int(random.integers(known)))
            example = draw_example(shard, points, easy, random)
            if len(example.a) >= 16:
                examples.append(example)
        return same_count(examples)

    def _shard(self, number: int) -> Shard:
        if number not in self._shards:
            self._shards[number] = read_or_make_shard(self._folder, self._options.train_seed, number, self._size)
        return self._shards[number]


def rate_factor(number: int, steps: int) -> float:
    """The rate of step `number` as a part of the largest: 1 for half of the steps, then a cosine down to nothing."""
    done = (number / max(steps, 1) - 0.5) / 0.5
    return 1.0 if done <= 0 else 0.5 * (1 + math.cos(math.pi * min(done, 1.0)))


def walls_known(number: int, steps: int, walls: int) -> int:
    """How many walls step `number` draws from: painting them all first would take as long as many steps."""
    grown = _FIRST_WALLS + (walls - _FIRST_WALLS) * number / max(0.5 * steps, 1)
    return max(1, min(walls, int(grown)))
