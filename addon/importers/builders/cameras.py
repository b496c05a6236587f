"""Blender cameras for the undistorted photos."""

from __future__ import annotations

from typing import Any

import bpy
from bpy.types import Camera, Object, Scene
from mathutils import Matrix

from ..readers.transforms import SENSOR_MM, PinholeCamera

WIDTH, HEIGHT, ASPECT, PHOTO = "grotto_width", "grotto_height", "grotto_pixel_aspect", "grotto_photo"


def build_camera(source: PinholeCamera, frustum_size: float) -> Object:
    """Make a camera object with its photo as background; `frustum_size` is the drawn width in scene units.

    The sensor fits horizontally for portrait photos too: with AUTO the meaning of lens and shift depends on the format.
    """
    data: Camera = bpy.data.cameras.new(source.name)
    data.sensor_fit = "HORIZONTAL"
    data.sensor_width = SENSOR_MM
    data.lens = source.lens_mm
    data.shift_x = source.shift_x
    data.shift_y = source.shift_y
    data.display_size = frustum_size
    data.clip_start = frustum_size * 0.01
    data.clip_end = max(1000.0, frustum_size * 1000.0)
    if source.photo.is_file():
        background = data.background_images.new()
        background.image = bpy.data.images.load(str(source.photo), check_existing=True)
        background.frame_method = "FIT"
        background.alpha = 1.0
        data.show_background_images = True
    camera_object = bpy.data.objects.new(source.name, data)
    camera_object.matrix_local = Matrix(source.world_from_camera.tolist())
    camera_object[WIDTH], camera_object[HEIGHT] = source.width, source.height
    camera_object[ASPECT] = list(source.pixel_aspect)
    camera_object[PHOTO] = source.name
    return camera_object


def set_render_size(scene: Scene, camera: Object) -> bool:
    """Set the render size to the photo's. Return False for a camera that Grotto did not make."""
    custom: Any = camera
    if WIDTH not in custom or HEIGHT not in custom:
        return False
    render = scene.render
    render.resolution_x, render.resolution_y = custom[WIDTH], custom[HEIGHT]
    render.resolution_percentage = 100
    render.pixel_aspect_x, render.pixel_aspect_y = custom[ASPECT]
    return True
