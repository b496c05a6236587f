"""Segmentation from a box and strokes."""

from .contour import contour_cost
from .segment import prepare_picture, segment

__all__ = ["contour_cost", "prepare_picture", "segment"]
