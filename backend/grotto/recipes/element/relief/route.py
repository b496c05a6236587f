"""The route `relief` of an element: its outline, inflated, with parts and an estimate of depth where these are wanted."""

from __future__ import annotations

from pathlib import Path

from ....contract import Result
from ....contract.recipes import ElementOptions
from ....runner import AnyStage, Run, Stage
from ..cut import CutElement
from ..depth import depth_models, estimated_depth, plan_depth
from ..finish import FINISH
from ..parts import part_assets, part_facts, plan_steps, steps_of
from ..result import painted_assets, provenance_of, relief_engines, relief_facts
from .make import forecast_body, make_body

RELIEF = Stage("relief", "Making the body", make_body, version=5, share=5, forecast=forecast_body)


def plan_from_outline(options: ElementOptions) -> tuple[AnyStage, ...]:
    """The stages after the cut, in order."""
    return (*plan_steps(options), *plan_depth(options), RELIEF, FINISH)


def from_outline(source: Path, cut: CutElement, options: ElementOptions, run: Run) -> Result:
    """Inflate the cut-out's outline, close it, put the picture on its front, and paint the rest."""
    steps, notes = steps_of(cut, options, run)
    depth = estimated_depth(cut, options, run)
    body = run(RELIEF, cut, depth, steps, options.budget, options.relief)
    asset = run(FINISH, cut, body, provenance_of(source, cut, options), options.paint)
    return Result(
        recipe="element",
        assets=(*painted_assets(run, cut, asset, "m"), *part_assets(run, steps)),
        facts={**relief_facts(cut, body, asset, options), **part_facts(steps)},
        engines=relief_engines(cut, depth, options),
        models=depth_models(options),
        notes=notes,
    )
