"""The route of an element on a wall: a bas-relief on a plate that follows the wall its picture was taken from."""

from __future__ import annotations

from pathlib import Path

from ....contract import Result, bad_input
from ....contract.recipes import ElementOptions
from ....runner import AnyStage, Run, Stage
from ..cut import CutElement
from ..depth import depth_models, estimated_depth, plan_depth
from ..finish import FINISH
from ..parts import part_assets, part_facts, plan_steps, steps_of
from ..result import painted_assets, provenance_of, relief_engines, relief_facts
from .body import forecast_body_on_wall, make_body_on_wall, on_wall_provenance, wall_facts
from .box import WallFiles, list_beside, wall_files
from .place import forecast_place, place_on_wall

PLACE = Stage("place", "Placing on the wall", place_on_wall, version=2, share=2, forecast=forecast_place)
ON_WALL = Stage(
    "lay_on_wall", "Making the body on the wall", make_body_on_wall, version=2, share=5, forecast=forecast_body_on_wall
)


def requested_wall(options: ElementOptions) -> WallFiles | None:
    """The wall that an element is to lie on, or None. Raises bad input for options that do not go with a wall."""
    place = options.on_wall
    if not place.wall:
        if place.wall_box:
            raise bad_input("wall_box gives a place, and no wall is named", "name its job with wall", option="wall")
        return None
    if options.route not in ("auto", "relief"):
        raise bad_input(f"the route {options.route} lays nothing on a wall", "choose the route relief", option="route")
    if options.relief.shape != "slab":
        raise bad_input(f"the shape {options.relief.shape} does not lie on a wall", "choose the shape slab", option="shape")
    return wall_files(Path(place.wall).expanduser().absolute())


def plan_on_wall(options: ElementOptions) -> tuple[AnyStage, ...]:
    """The stages after the cut, in order."""
    return (PLACE, *plan_steps(options), *plan_depth(options), ON_WALL, FINISH)


def lay_on_wall(source: Path, cut: CutElement, wall: WallFiles, options: ElementOptions, run: Run) -> Result:
    """Place the cut-out on the wall, let its figure stand out of a plate that follows the wall, and paint it."""
    placed = run(PLACE, cut, source.name, wall, list_beside(source), options.on_wall.wall_box)
    steps, notes = steps_of(placed, options, run)
    depth = estimated_depth(placed, options, run)
    body = run(ON_WALL, placed, depth, steps, options.budget, options.relief)
    extras = {**provenance_of(source, placed, options), **on_wall_provenance(placed)}
    asset = run(FINISH, placed, body, extras, options.paint)
    units = "m" if placed.metric else "arbitrary"
    return Result(
        recipe="element",
        assets=(*painted_assets(run, placed, asset, units), *part_assets(run, steps)),
        facts={**relief_facts(placed, body, asset, options), **wall_facts(placed, body), **part_facts(steps)},
        engines=relief_engines(placed, depth, options),
        models=depth_models(options),
        notes=notes,
    )
