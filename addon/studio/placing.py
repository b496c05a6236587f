"""Place a new result beside what is in the scene. Boxes along the scene's axes, in its units."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from bpy.types import Context, Object
from numpy.typing import NDArray

from ..scene.results import root_of

Array = NDArray[np.float64]

BODIES = {"MESH", "CURVE", "CURVES", "SURFACE", "META", "FONT", "POINTCLOUD", "VOLUME", "GPENCIL", "GREASEPENCIL"}
GAP = 0.5  # between neighbours, as a fraction of the result's longest side
TOUCHING = 1e-4  # overlap, as a fraction of the result's longest side, that counts as touching: a figure stands on its floor
SURROUNDINGS = 40.0  # times the result's longest side: a sky or a terrain is not a neighbour
SAMPLE = 20_000  # positions that the box of points is taken from
OUTLIERS_PERCENT = 1.0  # at each end: stray points lie far from the subject


@dataclass(frozen=True)
class Box:
    """Lowest and highest corner, (3,) each."""

    low: Array
    high: Array

    @property
    def middle(self) -> Array:
        return 0.5 * (self.low + self.high)

    @property
    def longest_side(self) -> float:
        return float((self.high - self.low).max())

    def corners(self) -> Array:
        """Return the (8, 3) corners."""
        sides = np.stack([self.low, self.high])
        return np.stack(np.meshgrid(*sides.T, indexing="ij"), -1).reshape(8, 3)


def free_shift(box: Box, others: Iterable[Box]) -> float:
    """Return how far to move a box along +x until it lies in none of the others and keeps a gap; 0.0 if it does now."""
    size = box.longest_side
    near = [other for other in others if other.longest_side < SURROUNDINGS * size]
    if not near or size <= 0.0:
        return 0.0
    low, high, slack = np.array([other.low for other in near]), np.array([other.high for other in near]), TOUCHING * size
    meets = ((low < box.high - slack) & (high > box.low + slack))[:, 1:].all(1)
    shift = 0.0
    while True:
        inside = meets & (low[:, 0] < box.high[0] + shift - slack) & (high[:, 0] > box.low[0] + shift + slack)
        if not inside.any():
            return shift
        shift = float(high[inside, 0].max()) + GAP * size - float(box.low[0])


def box_around(items: Iterable[Object]) -> Box | None:
    """Return the box around objects, or None where they have no extent. The scene must be evaluated."""
    corners = [found for item in items if (found := _corners(item)) is not None]
    if not corners:
        return None
    every = np.concatenate(corners)
    return Box(every.min(0), every.max(0))


def _corners(item: Any) -> Array | None:
    """Return (n, 3) positions that span an object: the corners of its box, or points without the outliers."""
    if item.type not in BODIES:
        return None
    local = np.array(item.bound_box, np.float64)
    points = getattr(item.data, "points" if item.type == "POINTCLOUD" else "vertices", ())
    if len(points) and not len(getattr(item.data, "polygons", ())):
        positions = np.empty(3 * len(points), np.float32)
        points.foreach_get("co", positions)
        sample = positions.reshape(-1, 3)[:: 1 + len(points) // SAMPLE]
        local = Box(*np.percentile(sample, [OUTLIERS_PERCENT, 100.0 - OUTLIERS_PERCENT], axis=0)).corners()
    world = np.array(item.matrix_world)
    return local @ world[:3, :3].T + world[:3, 3]


def positions_on(item: Any) -> Array:
    """Return (n, 3) positions that an object's outline spans: of its vertices, or the corners of its box."""
    polygons, vertices = getattr(item.data, "polygons", ()), getattr(item.data, "vertices", ())
    if not len(polygons) or len(item.modifiers):
        found = _corners(item)
        return np.empty((0, 3)) if found is None else found
    positions = np.empty(3 * len(vertices), np.float32)
    vertices.foreach_get("co", positions)
    world = np.array(item.matrix_world)
    return positions.reshape(-1, 3)[:: 1 + len(vertices) // SAMPLE] @ world[:3, :3].T + world[:3, 3]


def bodies_of(root: Object) -> list[Object]:
    """Return the objects of a result that are shown, without cameras."""
    return [item for item in root.children if item.type in BODIES and item.visible_get()]


def neighbours_of(context: Context, roots: Iterable[Object]) -> list[Box]:
    """Return the boxes of all visible objects that do not belong to these results."""
    own = set(roots)
    others = (item for item in context.view_layer.objects if item.type in BODIES and item.visible_get())
    boxes = (box_around([item]) for item in others if root_of(item) not in own)
    return [box for box in boxes if box is not None]


def set_beside(context: Context, root: Any) -> float:
    """Move a new result along +x until it lies inside nothing that is in the scene; return how far."""
    context.view_layer.update()
    box = box_around(bodies_of(root))
    shift = free_shift(box, neighbours_of(context, [root])) if box is not None else 0.0
    if shift:
        root.location.x += shift
        context.view_layer.update()
    return shift
