"""Run the fit of a field of any kind."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from ..contract import Progress
from ..contract.options import FieldOptions
from ..fitting import Fit, FitOutcome, FitPlan, FitPreview, Picture, next_to, run_fit
from ..scene import View
from .field import Field, render_field

_PREVIEW_PX = 256


class FieldFit(Fit, Protocol):
    """A fit whose field can be rendered between two steps."""

    def current(self) -> Field:
        """The field as it is now, in evaluation mode."""


def run_field_fit(
    fit: FieldFit, steps: int, views: Sequence[View], options: FieldOptions, folder: Path, report: Progress
) -> FitOutcome:
    """Take `steps` steps, with previews of the middle view in `folder`. Raises missing resource for want of memory."""
    view = views[len(views) // 2].fitted(_PREVIEW_PX)

    def draw() -> Picture:
        return next_to(view, render_field(fit.current(), view.camera).over(1.0))

    identity = f"{options} {[view.name for view in views]}"
    plan = FitPlan(
        steps=steps,
        remedy="choose a lower field resolution, or fewer pictures",
        option="field_resolution",
        checkpoint_folder=report.resume_folder,
        identity=identity,
    )
    return run_fit(fit, plan, report, FitPreview(draw, folder, report))
