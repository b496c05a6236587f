"""Place an element that was made for a wall on that wall."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bpy.types import Context, Object
from mathutils import Matrix

from ....backend.grotto.contract import Result, malformed_as_bad_input
from ...recipes import WALL
from ..provenance import FOLDER, RECIPE

WALL_FROM_ELEMENT = "wall_from_element"  # fact: four rows


def put_on_wall(context: Context, root: Object, result: Result, units: float) -> bool:
    """Move an element's root onto its wall if that is in the scene, else to its place in the wall's frame.

    `units` are the scene's in a unit of the wall's frame.
    Return False where the result has no such place.
    """
    rows = result.facts.get(WALL_FROM_ELEMENT)
    if rows is None:
        return False
    with malformed_as_bad_input("the result does not say where on the wall it lies", "make the element again"):
        place = Matrix([[float(value) for value in row] for row in rows])
        if len(place) != 4:
            raise ValueError("its place is no matrix")
    place = Matrix.Scale(units, 4) @ place
    wall = wall_of(context, result)
    if wall is not None:
        context.view_layer.update()
        place = wall.matrix_world @ Matrix(rows)
    root.matrix_world = place
    return True


def wall_of(context: Context, result: Result) -> Object | None:
    """Return the root of the element's wall, the latest of several, or None where the scene lacks it."""
    with malformed_as_bad_input("the result does not say how it was made", "make the element again"):
        relief = result.job.get("request", {}).get("options", {}).get("relief", {})
        folder, name = str(relief.get("wall", "")), result.facts.get("wall")
    found: dict[bool, Object] = {}
    for item in context.scene.objects:
        custom: Any = item
        if custom.get(RECIPE) == WALL.name and Path(custom[FOLDER]).name == name:
            found[bool(folder) and Path(custom[FOLDER]).resolve() == Path(folder).expanduser().resolve()] = item
    return found.get(True) or found.get(False)
