"""`grotto train matcher`: a matcher trained on walls of the product's own painter, written with its card."""

from __future__ import annotations

import dataclasses
import json
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch

from ....contract import VERSION, Part, Progress, bad_input
from ....contract.options import MatcherTrainOptions
from ....fitting import CHECKPOINT_FILE, Divergence, FitPlan, choose_device, run_fit
from ..design import PAPER, MatcherDesign
from ..network import Matcher
from ..weights import load_matcher, new_matcher, write_matcher
from .fit import MatcherFit
from .shard import Shard, ShardSize, read_or_make_shard
from .validation import Point, validation_pairs
from .wall import STYLES, WALL_PX

WALL_FOLDER = "walls"
VALIDATION_PAIRS = 40
_DIVERGENCE = Divergence(factor=8.0, patience=500, faults=9)
_PARTS = {
    "full": MatcherDesign(),
    "paper": PAPER,
    "no_feedback": MatcherDesign(feedback=False),
    "no_position": MatcherDesign(position_term=False),
    "no_skip": MatcherDesign(descriptor_skip=False),
    "paper_gate": MatcherDesign(gate="paper"),
    "no_gate": MatcherDesign(gate="none"),
}


@dataclass(frozen=True)
class TrainedMatcher:
    """The folder that `load_matcher` reads, the mean loss of the first and last tenth of the steps, and the curve."""

    folder: Path
    first_loss: float
    last_loss: float
    steps: int
    curve: tuple[Point, ...]


@dataclass(frozen=True, kw_only=True)
class TrainingSize:
    """How much is made for a training; smaller in tests."""

    shard: ShardSize = field(default_factory=ShardSize)
    validation_pairs: int = VALIDATION_PAIRS


def train_matcher(
    options: MatcherTrainOptions, out: Path, report: Progress, size: TrainingSize = TrainingSize()
) -> TrainedMatcher:
    """Train a matcher and write it into `out`, with the walls that it learns from in a folder below.

    A stopped training continues from its checkpoint in `out`. Raises bad input where the loss is not finite from the first
    step on.
    """
    design = dataclasses.replace(
        _PARTS[options.parts], assignment="sinkhorn" if options.assignment == "sinkhorn" else "dual_softmax"
    )
    device = choose_device(report, options.device)
    walls = out / WALL_FOLDER
    report(0.0, "painting the first wall")
    network, before = _start(options, design, walls, size)
    network = network.to(device).train()
    validation = []
    if size.validation_pairs:
        validation = validation_pairs(walls, options.train_seed, size.validation_pairs, size.shard)
    fit = MatcherFit(network, walls, options, size.shard, validation)
    fit.before = int(before.get("all_steps") or 0)
    plan = FitPlan(
        steps=options.train_steps,
        remedy="choose a smaller train_batch or train_points",
        option="train_batch",
        divergence=_DIVERGENCE,
        checkpoint_folder=out,
        identity=json.dumps([asdict(options), asdict(size)], sort_keys=True),
    )
    began = time.process_time()

    def write(steps: int, notes: tuple[str, ...] = ()) -> None:
        seconds = round(time.process_time() - began)
        write_matcher(network, out, {**_about(options), **_history(fit, steps, seconds), "before": before, "notes": list(notes)})

    fit.after_validation = write  # a stopped training leaves weights, too
    outcome = run_fit(fit, plan, Part(report, 0.02, 0.98))
    if not fit.losses:
        raise bad_input("the loss was not finite from the first step on", "give a smaller rate")
    first, last = _ends(fit.losses)
    write(outcome.steps, outcome.notes)
    (out / CHECKPOINT_FILE).unlink(missing_ok=True)
    report(1.0, "written")
    return TrainedMatcher(out, first, last, outcome.steps, tuple(fit.curve))


def _about(options: MatcherTrainOptions) -> dict[str, Any]:
    """What a card says of the making of its weights."""
    return {
        "made_by": f"grotto {VERSION}",
        "licence": "GPL-3.0-or-later",
        "trained_on": f"{options.train_walls} walls of {WALL_PX} px of the styles {', '.join(sorted(set(STYLES)))}, painted by "
        "this project's own painter, half of them with random brushwork laid on; no photograph",
        "points": "SIFT (OpenCV) with RootSIFT descriptors",
        "options": {**asdict(options), "start_from": Path(options.start_from).name},
    }


def _history(fit: MatcherFit, steps: int, seconds: int) -> dict[str, Any]:
    """What a card says of the training itself."""
    return {
        "pairs_seen": fit.pairs_seen,
        "steps": steps,
        "all_steps": fit.before + steps,
        "loss": [round(loss, 4) for loss in _ends(fit.losses)],
        "cpu_seconds_since_resumed": seconds,
        "validation": [asdict(point) for point in fit.curve],
    }


def _ends(losses: list[float]) -> tuple[float, float]:
    """The mean loss of the first and of the last tenth of the steps."""
    tenth = max(1, len(losses) // 10)
    return float(np.mean(losses[:tenth])), float(np.mean(losses[-tenth:]))


def _start(
    options: MatcherTrainOptions, design: MatcherDesign, walls: Path, size: TrainingSize
) -> tuple[Matcher, dict[str, Any]]:
    """The network to train, and the history of the weights that it starts from: empty for random ones."""
    if not options.start_from:
        network = new_matcher(design, options.train_seed)
        _start_from_components(network, read_or_make_shard(walls, options.train_seed, 0, size.shard))
        return network, {}
    loaded = load_matcher(Path(options.start_from).expanduser())
    if loaded.network.design != design:
        raise bad_input("the matcher to start from has other parts", "choose the same parts and assignment")
    history = {
        key: loaded.card.get(key) for key in ("sha256", "options", "pairs_seen", "steps", "all_steps", "validation", "before")
    }
    return loaded.network, history


def _start_from_components(network: Matcher, shard: Shard) -> None:
    """Let the first projection of descriptors be their principal components."""
    descriptors = np.concatenate([view.points.descriptors for view in shard.views]).astype(np.float64)
    _, _, axes = np.linalg.svd(np.cov(descriptors.T))
    weight = network.embedding.descriptor.weight
    kept = axes[: len(weight)]
    kept = kept * np.where(kept.sum(axis=1, keepdims=True) < 0, -1, 1)  # the sign of an axis is otherwise chance
    with torch.no_grad():
        weight[: len(kept)].copy_(torch.from_numpy(kept).float())
