"""Structure from motion: features, pairs, matches, cameras, and the frame of the wall."""

from .reconstruction import CameraGroup, Reconstruction
from .wall_frame import WallFrame

__all__ = ["CameraGroup", "Reconstruction", "WallFrame"]
