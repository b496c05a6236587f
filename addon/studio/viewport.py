"""Show a new result in a 3D view: framed in the part that no sidebar covers, with its texture, not clipped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from bpy.types import Context, Object
from mathutils import Matrix, Vector
from numpy.typing import NDArray

from ..importers.provenance import RECIPE
from ..recipes import SCAN
from ..scene.results import cameras_of
from .framing import positions_of, view_direction
from .placing import Box, bodies_of, box_around, positions_on

Array = NDArray[np.float64]

FROM_THE_RIGHT = Vector((0.42, -1.0, 0.22))  # towards the eye, for a subject that faces -y: front and depth both show
FILL = 0.86  # part of the free width or height that the subject takes
SENSOR_MM = 72.0  # width of what a 3D view with a lens of so many millimetres shows, at a distance of its focal length
CLIP_MARGIN = 4.0  # the subject must end before this part of the clipping distance
SOLID = ("SOLID", "WIREFRAME")


@dataclass(frozen=True)
class Pane:
    """The region of a 3D view in pixels: its size, and the rectangle that no other region covers."""

    width: int
    height: int
    left: int
    right: int
    bottom: int
    top: int


def clicked_view(context: Context) -> Any:
    """Return the area of the 3D view in which the user clicked, else the window's largest. None where it shows none."""
    if context.window is None:
        return None
    areas = [area for area in context.window.screen.areas if area.type == "VIEW_3D"]
    if context.area is not None and context.area in areas:
        return context.area
    return max(areas, key=lambda area: area.width * area.height, default=None)


def show(area: Any, roots: Sequence[Object]) -> None:
    """Frame results in the view and show their colours there. Other views are left alone."""
    bodies = [item for root in roots for item in bodies_of(root)]
    box = box_around(bodies)
    if box is None:
        return
    space = area.spaces.active
    if space.local_view:
        for item in (*roots, *bodies):
            item.local_view_set(space, True)
    show_colours(space, bodies)
    outline = np.concatenate([positions_on(item) for item in bodies])
    frame(area, box, outline, _direction(roots[0], box))


def show_colours(space: Any, bodies: list[Object]) -> None:
    """Show textures in Solid shading, which needs no shader to be compiled; points and splats need Material Preview.

    Views that the user set to Material Preview or Rendered show both already.
    """
    space.overlay.show_relationship_lines = False  # from every layer and camera to the root
    shading = space.shading
    if shading.type not in SOLID:
        return
    if any(not len(getattr(item.data, "polygons", ())) for item in bodies):
        shading.type = "MATERIAL"
    else:
        shading.type, shading.color_type = "SOLID", "TEXTURE"


def frame(area: Any, box: Box, outline: Array, direction: Vector) -> None:
    """Look from `direction`, which points to the eye, at positions (n, 3) in a box. An orthographic view keeps its direction."""
    space = area.spaces.active
    region, pane = space.region_3d, pane_of(area)
    if region.view_perspective != "ORTHO":
        region.view_perspective = "PERSP"
        if not region.lock_rotation:
            region.view_rotation = direction.to_track_quat("Z", "Y")
    view_from_world = np.array(region.view_rotation.to_matrix().inverted())
    points = (outline - box.middle) @ view_from_world.T
    if region.view_perspective == "ORTHO":
        points[:, 2] = 0.0
    per_px = SENSOR_MM / space.lens / max(pane.width, pane.height)
    middle = 0.5 * per_px * np.array([pane.left + pane.right - pane.width, pane.bottom + pane.top - pane.height])
    half = 0.5 * per_px * FILL * np.array([pane.right - pane.left, pane.top - pane.bottom])
    aside, distance = fit_eye(points, middle - half, middle + half)
    region.view_location = Vector(box.middle + view_from_world.T @ np.array([*aside, 0.0]))
    region.view_distance = distance
    far = distance + box.longest_side
    if space.clip_end < CLIP_MARGIN * far:
        space.clip_end = 10.0 * CLIP_MARGIN * far
    space.clip_start = min(space.clip_start, distance / 100.0)


def fit_eye(points: Array, low: Array, high: Array) -> tuple[Array, float]:
    """Return where the eye must be, at least, for all points to be seen within a rectangle: (2,) aside, and the distance.

    points: (n, 3), x right, y up, z to the eye. low, high: (2,) tangents of the rectangle's sides, which need not lie about the
    axis of the view. A point at depth z is within it from an eye at (a, d) if low <= (x - a) / (d - z) <= high: two bounds for
    a, which meet at the least distance; along the other axis their middle is taken.
    """
    most = (points[:, :2] + high * points[:, 2:]).max(0)
    least = (points[:, :2] + low * points[:, 2:]).min(0)
    distance = max(float(((most - least) / np.maximum(high - low, 1e-3)).max()), float(points[:, 2].max()), 1e-4)
    return 0.5 * (most - high * distance + least - low * distance), distance


def pane_of(area: Any) -> Pane:
    """Measure the main region of a 3D view. Sidebar, tools and headers may lie over it."""
    main = next(region for region in area.regions if region.type == "WINDOW")
    left, right, bottom, top = main.x, main.x + main.width, main.y, main.y + main.height
    middle = (left + right) / 2
    for region in area.regions:
        if region.type == "WINDOW" or region.width <= 1 or region.height <= 1:
            continue
        if region.type in ("UI", "TOOLS"):
            if region.x > middle:
                right = min(right, region.x)
            else:
                left = max(left, region.x + region.width)
        elif region.alignment == "BOTTOM":
            bottom = max(bottom, region.y + region.height)
        elif region.type in ("HEADER", "TOOL_HEADER"):
            top = min(top, region.y)
    if right - left < main.width // 5 or top - bottom < main.height // 5:
        return Pane(main.width, main.height, 0, main.width, 0, main.height)
    return Pane(main.width, main.height, left - main.x, right - main.x, bottom - main.y, top - main.y)


def _direction(root: Any, box: Box) -> Vector:
    """Return the direction towards the eye: from the front, or for a scan from where its photos were taken."""
    turn: Matrix = root.matrix_world.to_quaternion().to_matrix()
    if root[RECIPE] == SCAN.name:
        return view_direction(positions_of(cameras_of(root)), Vector(box.middle.tolist()))
    return turn @ FROM_THE_RIGHT
