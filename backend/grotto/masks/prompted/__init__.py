"""Elements segmented from strokes and a box."""

from .contour import contour_cost
from .segment import make_scene, segment

__all__ = ["contour_cost", "make_scene", "segment"]
