"""The camera that sees an element exactly as it was painted: straight on, without perspective."""

from __future__ import annotations

from collections.abc import Callable
from math import pi
from pathlib import Path
from typing import Any

import bpy
from bpy.types import Object

from ....backend.grotto.contract import Result
from .cameras import ASPECT, HEIGHT, PHOTO, WIDTH

PICTURE_FRAME = "picture_frame_m"  # fact: lowest x, lowest z, highest x and highest z of the whole picture


def build_picture_camera(name: str, result: Result, path_of: Callable[[str], Path]) -> Object:
    """A camera object before the element, with its picture behind the view; render sizes are the picture's."""
    left, bottom, right, top = result.facts[PICTURE_FRAME]
    width, height = result.facts["picture_px"]
    away = 2.0 * max(right - left, top - bottom)
    data = bpy.data.cameras.new(name)
    data.type = "ORTHO"
    data.sensor_fit = "HORIZONTAL"
    data.ortho_scale = right - left
    data.clip_start, data.clip_end = 0.01 * away, 10.0 * away
    data.display_size = 0.2 * (right - left)
    picture = result.main("texture")
    if picture is not None:
        background = data.background_images.new()
        background.image = bpy.data.images.load(str(path_of(picture.path)), check_existing=True)
        background.frame_method = "FIT"
        background.alpha = 0.5
    made = bpy.data.objects.new(name, data)
    made.location = (0.5 * (left + right), -away, 0.5 * (bottom + top))
    made.rotation_euler = (pi / 2, 0.0, 0.0)
    custom: Any = made
    custom[WIDTH], custom[HEIGHT], custom[ASPECT], custom[PHOTO] = width, height, [1.0, 1.0], name
    return made
