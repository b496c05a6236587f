"""The loop of all fits: steps, progress, previews, checkpoints, divergence and exhausted memory."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path

from ..contract import Progress
from .checkpoint import Checkpoints
from .device import release_cached_memory
from .divergence import Divergence, LossTracker
from .fit import Fit
from .memory import halve_once
from .preview import FitPreview


@dataclass(frozen=True, kw_only=True)
class Intervals:
    """Least seconds of wall time between the actions of a fit besides its steps."""

    report: float = 0.3
    preview: float = 12.0
    copy: float = 1.0  # of the state, to fall back to
    copy_share: float = 0.05  # of the time, at most, that copies take
    checkpoint: float = 20.0  # on disk, to resume from


INTERVALS = Intervals()


@dataclass(frozen=True, kw_only=True)
class FitPlan:
    """How long a fit runs, and what happens when it goes wrong."""

    steps: int
    remedy: str  # for the user, where memory does not suffice
    option: str = ""  # the option that the remedy names, if any
    divergence: Divergence = field(default_factory=Divergence)
    checkpoint_folder: Path | None = None  # outlives a stop; None: the fit cannot be resumed
    identity: str = ""  # of inputs and options, as far as the folder does not stand for them


@dataclass(frozen=True)
class FitOutcome:
    """How a fit ended."""

    steps: int  # in the result: fewer than planned where the fit diverged
    notes: tuple[str, ...]  # for the record; they were reported too


def run_fit(fit: Fit, plan: FitPlan, report: Progress, preview: FitPreview | None = None) -> FitOutcome:
    """Take the planned steps, from a checkpoint where there is one.

    A fit that diverges ends in its last good state. Where GPU memory is exhausted the fit is halved once; the second time is
    a missing resource.
    """
    import torch

    checkpoints = Checkpoints(fit, plan.checkpoint_folder, f"{type(fit).__name__} {plan.steps} {plan.identity}")
    start, ignored = checkpoints.resume()
    losses = LossTracker(plan.divergence)
    number, notes, halved = start.step, [*start.notes], start.halved
    if start.losses:
        losses.restore(start.losses)
    if ignored:
        report.note(ignored)
    if number:
        report.note(f"continuing from step {number} of {plan.steps}")
    reported = -INTERVALS.report
    while number < plan.steps:
        try:
            loss = fit.step(number)
        except torch.OutOfMemoryError as error:
            notes.append(halve_once(fit, error, halved, plan.remedy, plan.option))
            report.note(notes[-1])
            release_cached_memory()
            halved = True
            continue
        if losses.diverged(number, loss):
            number = checkpoints.fall_back()
            notes.append(f"the fit diverged; its state after {number} of {plan.steps} steps is kept")
            report.note(notes[-1])
            break
        number += 1
        if losses.healthy:
            checkpoints.prove(number, INTERVALS.checkpoint)
            if checkpoints.copy_is_due(INTERVALS.copy, INTERVALS.copy_share):
                checkpoints.copy(number, losses.state(), notes, halved)
        if time.monotonic() - reported >= INTERVALS.report:
            reported = time.monotonic()
            size = fit.size()
            report(number / plan.steps, f"step {number} of {plan.steps}, loss {losses.smoothed:.4g}" + (size and f", {size}"))
        if preview is not None:
            preview.show_after(INTERVALS.preview)
    return FitOutcome(number, tuple(notes))
