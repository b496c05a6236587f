"""The ways of matching two point sets that are compared: by ratio, the attention matcher's forms, and LightGlue on ALIKED."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from ...models.lightglue import LIGHTGLUE_ALIKED, LIGHTGLUE_THRESHOLD, lightglue_matches, load_lightglue
from ...models.matching import (
    COVERAGE,
    STRICT,
    Detector,
    LoadedMatcher,
    Matcher,
    MatchPoints,
    ScoredMatches,
    load_matcher,
    match_points,
)
from ...models.registry import is_installed

RATIO = 0.8  # the product's default
DUSTBIN = 50.0  # of Sinkhorn put in place of the dual softmax: see `swapped`


@dataclass(frozen=True)
class Way:
    """One way, and the thresholds of its score at which it is used."""

    name: str
    match: Callable[[MatchPoints, MatchPoints], ScoredMatches]
    threshold: float  # for accuracy and recall
    strict: float  # for structure from motion
    detector: Detector = "sift"  # whose points it takes


def ratio_matches(first: MatchPoints, second: MatchPoints) -> ScoredMatches:
    """Mutual nearest neighbours; the score is minus the larger of the two ratios of nearest to next distance."""
    if len(first) < 2 or len(second) < 2:
        return ScoredMatches(np.zeros((0, 2), np.int64), np.zeros(0, np.float32))
    likeness = first.descriptors @ second.descriptors.T
    best, back = likeness.argmax(axis=1), likeness.argmax(axis=0)
    rows = np.flatnonzero(back[best] == np.arange(len(first)))
    columns = best[rows]
    ratio = np.maximum(_ratios(likeness)[rows], _ratios(likeness.T)[columns])
    return ScoredMatches(np.column_stack([rows, columns]), -ratio)


def _ratios(likeness: NDArray[np.float32]) -> NDArray[np.float32]:
    top = np.partition(likeness, -2, axis=1)[:, -2:]
    distance = np.sqrt(np.maximum(2 - 2 * top, 1e-12))
    return np.asarray(distance[:, 1] / distance[:, 0], np.float32)


def attention(name: str, network: Matcher) -> Way:
    """The way of a trained network."""
    return Way(name, lambda first, second: match_points(network, first, second), COVERAGE, STRICT)


def ways(folder: Path | None, others: tuple[Path, ...]) -> tuple[list[Way], LoadedMatcher]:
    """The baseline, the matcher of `folder` (None: that which ships), the same without its gate and with Sinkhorn, and others."""
    loaded = load_matcher(folder)
    found = [
        Way("nearest neighbours, ratio", ratio_matches, -RATIO, -RATIO),
        attention("attention", loaded.network),
        attention("attention, gate left out", without_gate(loaded.network)),
        attention("attention, Sinkhorn put in", swapped(loaded.network)),
    ]
    for other in others:
        found.append(attention(f"trained apart: {other.name}", load_matcher(other).network))
    return found, loaded


def lightglue() -> Way | None:
    """LightGlue on ALIKED's points; None where its weights are not installed."""
    if not is_installed(LIGHTGLUE_ALIKED):
        return None
    network = load_lightglue()
    return Way(
        "LightGlue on ALIKED",
        lambda first, second: lightglue_matches(network, first, second),
        LIGHTGLUE_THRESHOLD,
        LIGHTGLUE_THRESHOLD,
        "aliked",
    )


def without_gate(network: Matcher) -> Matcher:
    """The same weights, and no gate."""
    bare = Matcher(dataclasses.replace(network.design, gate="none"))
    bare.load_state_dict(network.state_dict(), strict=False)
    return bare.eval()


def swapped(network: Matcher) -> Matcher:
    """The same weights, with Sinkhorn's iterations in place of the dual softmax.

    Its dustbin was not trained, nor tuned: the level is a guess, so the row shows what swapping alone gives.
    """
    other = Matcher(dataclasses.replace(network.design, assignment="sinkhorn"))
    other.load_state_dict(network.state_dict(), strict=False)
    if other.dustbin is not None and network.dustbin is None:
        with torch.no_grad():
            other.dustbin.fill_(DUSTBIN)
    return other.eval()
