"""The studio of a wall: raking light that shows the relief, and some of the cameras with their photos."""

from __future__ import annotations

import bpy
from bpy.types import Object
from mathutils import Vector

from .backdrop import add_sweep
from .cameras import SENSOR_MM, add_frames, add_view_camera
from .collection import new_studio
from .framing import box_of, vertices_of
from .lights import WALL_LIGHTS, add_area_light, set_world

WIDTH_PX, HEIGHT_PX = 1200, 720
LENS_MM = 50.0


def light_wall(root: Object) -> None:
    """Add lights, backdrop, camera frames and a view camera for the wall under `root`."""
    studio = new_studio()
    low, high = box_of(vertices_of(root))
    size = max((high - low).x, (high - low).z)
    middle = (low + high) / 2
    add_sweep(studio, low, size)
    for light in WALL_LIGHTS:
        add_area_light(studio, light, middle, size)
    set_world((0.05, 0.055, 0.065))
    add_frames(studio, root, size)
    # Three quarters from the right, a little above the middle, so that relief and frames both show.
    direction = Vector((0.62, -1.0, 0.2)).normalized()
    aim = middle + Vector((0.03, -0.1, -0.03)) * size
    width = max(size * 1.06, (high - low).z * WIDTH_PX / HEIGHT_PX * 1.25)
    distance = width * LENS_MM / SENSOR_MM
    add_view_camera(studio, aim, direction, distance, LENS_MM)
    for collection in bpy.data.collections[root.name].children:
        collection.hide_render = True
