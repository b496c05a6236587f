"""The two points of a known length. They are stored with a result, so that the same points scale it only once."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from bpy.types import Object
from mathutils import Vector

from ..importers.provenance import SCALE_POINTS

SAME = 1e-5  # relative difference of lengths and places that count as equal


def distance_of(root: Object, points: Sequence[Vector]) -> float:
    """Return the distance on the result of two points in the scene, in the scene's units.

    Points that were used before and did not move with the result, such as empties beside it, are taken where they marked the
    result then.
    """
    used = _used_before(root, points)
    if used is None:
        return (points[0] - points[1]).length
    first, second = (root.matrix_world @ place for place in used)
    return (first - second).length


def store_points(root: Object, points: Sequence[Vector]) -> None:
    """Store two points with the result: where they are in the scene, and where on the result."""
    custom: Any = root
    used = _used_before(root, points)
    root_from_world = root.matrix_world.inverted()
    on_result = used if used is not None else [root_from_world @ point for point in points]
    custom[SCALE_POINTS] = json.dumps({"scene": [point[:] for point in points], "result": [place[:] for place in on_result]})


def _used_before(root: Any, points: Sequence[Vector]) -> list[Vector] | None:
    """Return the stored places on the result where both points are where they were, in either order."""
    stored = json.loads(root.get(SCALE_POINTS, "{}"))
    if not stored:
        return None
    before = [Vector(point) for point in stored["scene"]]
    near = SAME * max((before[0] - before[1]).length, *(abs(value) for point in before for value in point))
    for order in ((0, 1), (1, 0)):
        if all((points[at] - before[index]).length <= near for index, at in enumerate(order)):
            return [Vector(place) for place in stored["result"]]
    return None
