"""Procedural objects for turntables: each file a recipe."""

from .light import linear_of_values, values_of_linear
from .made import OBJECTS, MadeObject, make_object

__all__ = ["OBJECTS", "MadeObject", "linear_of_values", "make_object", "values_of_linear"]
