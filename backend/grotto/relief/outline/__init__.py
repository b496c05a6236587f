"""Outlines of masks: traced, simplified, triangulated."""

from .outline_fit import matching, places_along, straddling
from .tracing import Curve, evenly, length, outline, reduced, signed_area
from .triangulation import Filled, Triangulated, clear_of, filled, triangulate
from .working_cut import WorkingCut, working_cut

__all__ = [
    "Curve",
    "Filled",
    "Triangulated",
    "WorkingCut",
    "clear_of",
    "evenly",
    "filled",
    "length",
    "matching",
    "outline",
    "places_along",
    "reduced",
    "signed_area",
    "straddling",
    "triangulate",
    "working_cut",
]
