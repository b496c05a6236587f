"""The studio of an object, an element or a room: soft light that keeps the photographed colours."""

from __future__ import annotations

import math

import numpy as np
from bpy.types import Object

from ..scene.results import cameras_of
from .backdrop import add_bowl
from .cameras import SENSOR_MM, add_view_camera, hide_cameras
from .collection import new_studio
from .framing import axes_of, box_of, positions_of, radius_of, shared_focus, vertices_of, view_direction
from .lights import SUBJECT_LIGHT, add_area_light, set_world

SIDE_PX = 480
LENS_MM = 60.0
MARGIN = 1.08  # around the subject
ROOM_ANGLE = math.radians(58)  # a room is shown with about the width of a photo


def light_subject(root: Object, *, bounded: bool) -> None:
    """Add light and a view camera for the result under `root`; with `bounded`, which an object is and a room is not, a floor."""
    studio = new_studio()
    cameras = cameras_of(root)
    positions = positions_of(cameras)
    if bounded:
        vertices = vertices_of(root)
        low, high = box_of(vertices)
        middle = (low + high) / 2
        radius = radius_of(vertices, middle)
        add_bowl(studio, middle, low.z, radius)
        add_area_light(studio, SUBJECT_LIGHT, middle, radius)
        distance = radius * MARGIN / math.sin(math.atan(SENSOR_MM / 2 / LENS_MM))
        add_view_camera(studio, middle, view_direction(positions, middle), distance, LENS_MM)
    else:
        middle = shared_focus(positions, axes_of(cameras))
        distance = float(np.median(np.linalg.norm(positions - np.array(middle), axis=1)))
        lens_mm = SENSOR_MM / 2 / math.tan(ROOM_ANGLE / 2)
        add_view_camera(studio, middle, view_direction(positions, middle), distance, lens_mm)
    set_world((1.0, 1.0, 1.0), 1.7 if bounded else 1.0)
    for item in root.children:
        if item.type == "MESH" and "Splats" in item.name:
            item.visible_shadow = False  # transparent shells would cast the shadows of opaque ones
    hide_cameras(root)
