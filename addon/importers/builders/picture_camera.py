"""The camera of an element's picture: orthographic, from the front."""

from __future__ import annotations

from collections.abc import Callable
from math import pi
from pathlib import Path
from typing import Any

import bpy
from bpy.types import Object

from ....backend.grotto.contract import Result, malformed_as_bad_input
from .cameras import ASPECT, HEIGHT, PHOTO, WIDTH

_WIDEST_M = 1e9
PICTURE_FRAME = "picture_frame_m"  # fact: lowest x, lowest z, highest x and highest z of the whole picture


def build_picture_camera(name: str, result: Result, path_of: Callable[[str], Path]) -> Object:
    """Make a camera object in front of the element, with the picture as background and the picture's render size."""
    with malformed_as_bad_input("the result does not say where its picture lies", "run the job again"):
        left, bottom, right, top = map(float, result.facts[PICTURE_FRAME])
        width, height = map(int, result.facts["picture_px"])
        if not (left < right < left + _WIDEST_M and bottom < top < bottom + _WIDEST_M and width > 0 and height > 0):
            raise ValueError("its frame is none")
    distance = 2.0 * max(right - left, top - bottom)
    data = bpy.data.cameras.new(name)
    data.type = "ORTHO"
    data.sensor_fit = "HORIZONTAL"
    data.ortho_scale = right - left
    data.clip_start, data.clip_end = 0.01 * distance, 10.0 * distance
    data.display_size = 0.2 * (right - left)
    picture = result.main("texture")
    if picture is not None:
        background = data.background_images.new()
        background.image = bpy.data.images.load(str(path_of(picture.path)), check_existing=True)
        background.frame_method = "FIT"
        background.alpha = 0.5
    camera = bpy.data.objects.new(name, data)
    camera.location = (0.5 * (left + right), -distance, 0.5 * (bottom + top))
    camera.rotation_euler = (pi / 2, 0.0, 0.0)
    custom: Any = camera
    custom[WIDTH], custom[HEIGHT], custom[ASPECT], custom[PHOTO] = width, height, [1.0, 1.0], name
    return camera
