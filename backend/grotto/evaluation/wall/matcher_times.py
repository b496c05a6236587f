"""CPU-seconds of matching one pair: the network, the assignment, and Sinkhorn's iterations in place of it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch

from ...models.matching import Matcher, MatchPoints, batch_of
from .matcher_ways import ratio_matches, swapped

PHOTO = (3200, 2400)


@dataclass(frozen=True)
class Times:
    """CPU-seconds of one thread, each measured on the second of two calls, but Sinkhorn's on its only one."""

    points: int
    ratio: float  # nearest neighbours with the ratio test
    network: float  # up to the similarities and gates
    assignment: float  # dual softmax, gate, and the mutual best
    sinkhorn: float  # the same with Sinkhorn's iterations


def matcher_times(network: Matcher, points: int) -> Times:
    """Time one pair of random points."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        first, second = _random_points(points, 1), _random_points(points, 2)
        a, b = batch_of([first]), batch_of([second])
        other = swapped(network)
        with torch.inference_mode():
            scores = network(a, b)[-1]
            ratio_matches(first, second)
            network.assign(scores)
            return Times(
                points=points,
                ratio=_seconds(lambda: ratio_matches(first, second)),
                network=_seconds(lambda: network(a, b)),
                assignment=_seconds(lambda: network.assign(scores).match.argmax()),
                sinkhorn=_seconds(lambda: other.assign(scores).match.argmax()),
            )
    finally:
        torch.set_num_threads(threads)


def _seconds(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


def _random_points(count: int, seed: int) -> MatchPoints:
    random = np.random.default_rng(seed)
    descriptors = np.abs(random.standard_normal((count, 128))).astype(np.float32)
    descriptors /= np.linalg.norm(descriptors, axis=1, keepdims=True)
    return MatchPoints(
        (random.uniform(0, 1, (count, 2)) * PHOTO).astype(np.float32),
        random.uniform(2, 30, count).astype(np.float32),
        random.uniform(-np.pi, np.pi, count).astype(np.float32),
        descriptors,
        *PHOTO,
    )
