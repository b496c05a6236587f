"""Segmentation from a box and strokes."""

from .border import border_log_odds
from .contour import contour_cost, minimal_contour
from .segment import prepare_picture, segment

__all__ = ["border_log_odds", "contour_cost", "minimal_contour", "prepare_picture", "segment"]
