"""Cameras and renderers: differentiable pictures of meshes and volumes."""

from .camera import Camera, look_at
from .region import Region
from .view import Rendered, View, write_picture
from .volume import Composite, composite, composite_packed

__all__ = [
    "Camera", "Composite", "Region", "Rendered", "View", "composite", "composite_packed", "look_at", "write_picture",
]  # fmt: skip
