"""A camera as transforms.json lists it."""

from __future__ import annotations

from ..formats import PhotoCamera
from .camera import Camera


def photo_camera(camera: Camera, file: str, name: str) -> PhotoCamera:
    """The camera with the path of its picture and the user's name for it."""
    return PhotoCamera(
        file_path=file,
        photo_name=name,
        width=camera.width,
        height=camera.height,
        focal_x=camera.focal_x,
        focal_y=camera.focal_y,
        centre_x=camera.centre_x,
        centre_y=camera.centre_y,
        world_from_camera=camera.world_from_camera,
    )
