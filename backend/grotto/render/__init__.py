"""Cameras and renderers: differentiable pictures of meshes and volumes."""

from .camera import Camera, look_at
from .region import Region
from .view import Rendered, View, write_picture

__all__ = ["Camera", "Region", "Rendered", "View", "look_at", "write_picture"]
