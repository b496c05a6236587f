"""The loop that fits on random rays share: progress, previews, checkpoints, and what happens when a fit diverges."""

from __future__ import annotations

import copy
import math
import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol, TypedDict

import numpy as np
import torch

from ..contract import Action, Progress, missing_resource
from ..fitting import shortage_told
from ..scene import View, write_picture
from .field import Field, render_field

State = dict[str, Any]  # nested dicts and lists of tensors, numbers and words

_REPORT_S, _PREVIEW_S, _CHECKPOINT_S = 0.3, 12.0, 20.0
_PREVIEW_PX = 256
_SMOOTHING = 0.95
_EXPLODED = 4.0  # times the lowest smoothed loss: a fit that gets there does not come back
_SETTLED = 50  # steps before losses are compared
_PROVEN = 10  # steps that go well after a state, before it counts as good: a loss is measured before the step that spoils all
_CHECKPOINT_FILE = "fit.pt"


class _Kept(TypedDict):
    step: int
    smoothed: float  # loss
    lowest: float
    notes: list[str]
    state: State


class Fitting(Protocol):
    """One fit in progress. A step depends on nothing but its number and the state, so a restored fit goes on exactly."""

    def step(self, number: int) -> float:
        """Take step `number`, from 0; returns the loss that is minimised."""

    def state(self) -> State:
        """All that steps change. May share memory with the fit."""

    def restore(self, state: State) -> None:
        """Go back to a state."""

    def halve(self) -> int:
        """Use half as many rays a step from now on, for want of memory; returns how many."""

    def current(self) -> Field:
        """The field as it is now, in evaluation mode."""


def run(fitting: Fitting, steps: int, views: Sequence[View], folder: Path, report: Progress) -> tuple[int, tuple[str, ...]]:
    """Take `steps` steps; returns the number of steps in the result and the notes for the record.

    A loss that is not finite, or that grows to four times its lowest, ends the fit: the last good state is kept. Where CUDA's
    memory does not suffice the rays are halved once, then it is a missing resource.
    """
    keeper = _Keeper(fitting, report.resume_folder)
    begun = keeper.resume()
    number, notes, smoothed, lowest, halved = begun["step"], [*begun["notes"]], begun["smoothed"], begun["lowest"], False
    if number:
        report.note(f"going on from step {number} of {steps}")
    look = _Look(views, folder, report)
    told = 0.0
    while number < steps:
        try:
            loss = fitting.step(number)
        except torch.OutOfMemoryError as error:
            if halved:
                raise missing_resource(
                    f"{shortage_told(error)}, with half the rays a step too",
                    "choose a lower field resolution, or fewer pictures",
                    Action.CHANGE_OPTIONS,
                    option="field_resolution",
                ) from error
            halved = True
            torch.cuda.empty_cache()
            rays = fitting.halve()
            notes.append(f"CUDA memory did not suffice: {rays} rays a step")
            report.note(notes[-1])
            continue
        if math.isfinite(smoothed):
            smoothed = _SMOOTHING * smoothed + (1 - _SMOOTHING) * loss
        else:
            smoothed = loss
        settled = number >= _SETTLED
        if not math.isfinite(loss) or (settled and smoothed > _EXPLODED * lowest):
            number = keeper.back()
            notes.append(f"the fit diverged; what it was after {number} steps is kept")
            report.note(notes[-1])
            break
        if settled:
            lowest = min(lowest, smoothed)
        number += 1
        keeper.keep(number, smoothed, lowest, notes)
        if time.monotonic() - told > _REPORT_S:
            told = time.monotonic()
            report(number / steps, f"step {number} of {steps}, loss {smoothed:.4g}")
        look.show(fitting)
    return number, tuple(notes)


class _Keeper:
    """Keeps good states: one in memory to go back to, one on disk to go on from."""

    def __init__(self, fitting: Fitting, folder: Path | None) -> None:
        self._fitting, self._path = fitting, None if folder is None else folder / _CHECKPOINT_FILE
        self._good: _Kept = {"step": 0, "smoothed": math.nan, "lowest": math.inf, "notes": [], "state": self._copy()}
        self._unproven: _Kept | None = None
        self._since = time.monotonic()

    def resume(self) -> _Kept:
        """Restore the checkpoint, where there is one; returns what was known then."""
        if self._path is not None and self._path.is_file():
            self._good = torch.load(self._path, map_location="cpu", weights_only=True)
            self._fitting.restore(self._good["state"])
            self._good["state"] = self._copy()
        return self._good

    def keep(self, step: int, smoothed: float, lowest: float, notes: list[str]) -> None:
        """Keep the state if the last one is old. It counts once some steps after it went well."""
        fresh = self._unproven
        if fresh is None:
            if time.monotonic() - self._since >= _CHECKPOINT_S:
                self._unproven = {"step": step, "smoothed": smoothed, "lowest": lowest, "notes": [*notes], "state": self._copy()}
        elif step - fresh["step"] >= _PROVEN and smoothed < 0.5 * _EXPLODED * lowest:
            self._good, self._unproven, self._since = fresh, None, time.monotonic()
            if self._path is not None:
                part = self._path.with_suffix(".new")
                torch.save(fresh, part)
                os.replace(part, self._path)  # noqa: PTH105  the same folder: atomic

    def back(self) -> int:
        """Restore the last good state; returns its number of steps."""
        self._fitting.restore(self._good["state"])
        return self._good["step"]

    def _copy(self) -> State:
        return copy.deepcopy(self._fitting.state())


class _Look:
    """Shows from time to time what one view looks like, beside its picture."""

    def __init__(self, views: Sequence[View], folder: Path, report: Progress) -> None:
        self._view = views[len(views) // 2].fitted(_PREVIEW_PX)
        self._folder, self._report = folder, report
        self._shown, self._count = time.monotonic(), 0

    def show(self, fitting: Fitting) -> None:
        if time.monotonic() - self._shown < _PREVIEW_S:
            return
        made = render_field(fitting.current(), self._view.camera).over(1.0)
        path = self._folder / f"preview_{self._count % 2}.png"  # two names, so that a shown one is not overwritten
        write_picture(path, np.concatenate([self._view.over(1.0), made], axis=1))
        self._report.preview(path)
        self._shown, self._count = time.monotonic(), self._count + 1
