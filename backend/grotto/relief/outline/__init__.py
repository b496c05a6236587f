"""Outlines of masks: traced, simplified, triangulated."""

from .outline_fit import matching, places_along, straddling
from .tracing import Curve, evenly, length, outline, reduced, signed_area
from .triangulation import Filled, Triangulated, clear_of, filled, triangulate

__all__ = [
    "Curve",
    "Filled",
    "Triangulated",
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
]
