"""What a job does after the cut, by its route. Routes that load much are imported where they are taken."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ...contract import Result
from ...contract.recipes import ElementOptions
from ...runner import AnyStage, Run
from ..weights import Segmenter
from .cut import CutElement
from .parts import from_layers, plan_layers
from .relief import from_outline, plan_from_outline

if TYPE_CHECKING:
    from .on_wall import WallFiles


def wall_of(options: ElementOptions) -> WallFiles | None:
    """The wall that an element is to lie on, or None. Raises bad input for options that do not go with a wall."""
    if not options.on_wall.wall and not options.on_wall.wall_box:
        return None
    from .on_wall import requested_wall

    return requested_wall(options)


def plan_of(route: str, wall: WallFiles | None, options: ElementOptions) -> tuple[AnyStage, ...]:
    """The stages after the cut. Raises where the route has no model to go by."""
    if route == "model":
        from .from_model import plan_from_model

        return plan_from_model(options)
    if route == "views":
        from .from_views import plan_from_picture

        return plan_from_picture(options)
    if wall:
        from .on_wall import plan_on_wall

        return plan_on_wall(options)
    return plan_layers() if options.relief.shape == "layers" else plan_from_outline(options)


def shaped(
    route: str,
    source: Path,
    cut: CutElement,
    wall: WallFiles | None,
    segmenter: Segmenter,
    options: ElementOptions,
    run: Run,
) -> Result:
    """Make the element from its cut-out."""
    if route == "model":
        from .from_model import from_model

        return from_model(source, cut, options, run)
    if route == "views":
        from .from_views import from_picture

        return from_picture(source, cut, segmenter, options, run)
    if wall:
        from .on_wall import lay_on_wall

        return lay_on_wall(source, cut, wall, options, run)
    return (from_layers if options.relief.shape == "layers" else from_outline)(source, cut, options, run)
